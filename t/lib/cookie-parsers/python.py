# Python's http.cookies. Reads a Cookie header a line, in hexadecimal; writes the value of trek_session, or "-".
import http.cookies
import sys

for line in sys.stdin:
    jar = http.cookies.SimpleCookie()
    try:
        jar.load(bytes.fromhex(line.strip()).decode('latin-1'))
    except http.cookies.CookieError:
        pass
    print(jar['trek_session'].value.encode('latin-1', 'replace').hex() if 'trek_session' in jar else '-')
