// Go's net/http. Reads a Cookie header a line, in hexadecimal; writes the value of trek_session, or "-".
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		header, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		request := http.Request{Header: http.Header{"Cookie": {string(header)}}}
		cookie, err := request.Cookie("trek_session")
		if err != nil {
			fmt.Println("-")
		} else {
			fmt.Println(hex.EncodeToString([]byte(cookie.Value)))
		}
	}
}
