# A client of HTTP/2 for AuthGateTest::Protocol, in one process for many requests. Each line of the input is a request in
# JSON: {port, tls, headers: [[name, value], ...], body, unsized, timeout}. The answer is a line, too: {headers, body, error}.
# Texts are bytes, as characters below 256.
#
# It sends headers as they are, repeated and odd ones, too, and reads an answer that comes before the end of the request or
# behind a GOAWAY; libcurl 7.88 and python3-h2 do not.
import json
import socket
import ssl
import struct
import sys

import hpack

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 4, 5
ENHANCE_YOUR_CALM = 11
PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
LARGEST_WINDOW = 2**31 - 1
OUR_STREAM = 1

TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE
TLS.set_alpn_protocols(['h2'])


def frame(kind, flags, stream, payload=b''):
    return struct.pack('>I', len(payload))[1:] + struct.pack('>BBI', kind, flags, stream) + payload


class Exchange:
    def __init__(self, request):
        self.rest = request['body'].encode('latin-1')
        self.open = request['unsized'] or self.rest != b''  # DATA has to follow
        self.window = {0: 65535, OUR_STREAM: 65535}
        self.largest_frame = 16384
        self.received = bytearray()
        self.block = bytearray()
        self.decoder = hpack.Decoder()
        self.headers = []
        self.body = bytearray()
        self.ended = False
        self.error = None
        self.request = request

    def connect(self):
        self.socket = socket.create_connection(('127.0.0.1', self.request['port']), self.request['timeout'])
        if self.request['tls']:
            self.socket = TLS.wrap_socket(self.socket)
            assert self.socket.selected_alpn_protocol() == 'h2', 'the server does not speak h2'
        headers = [(name.encode('latin-1'), value.encode('latin-1')) for name, value in self.request['headers']]
        self.send(PREFACE + frame(SETTINGS, 0, 0, struct.pack('>HI', INITIAL_WINDOW_SIZE, LARGEST_WINDOW))
                  + frame(WINDOW_UPDATE, 0, 0, struct.pack('>I', LARGEST_WINDOW - 65535))
                  + self.header_frames(hpack.Encoder().encode(headers, huffman=False)))

    # A server that has closed may have answered.
    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.open = False

    def header_frames(self, block):
        size = self.largest_frame
        parts = [block[i:i + size] for i in range(0, len(block), size)]
        frames = b''
        for i, part in enumerate(parts):
            flags = (END_HEADERS if i == len(parts) - 1 else 0) | (END_STREAM if i == 0 and not self.open else 0)
            frames += frame(HEADERS if i == 0 else CONTINUATION, flags, OUR_STREAM, part)
        return frames

    # What the server lets us send now.
    def send_body(self):
        while self.open and not self.ended:
            size = min(*self.window.values(), self.largest_frame, len(self.rest))
            if size <= 0 and self.rest:
                break
            self.open = size < len(self.rest)
            self.send(frame(DATA, 0 if self.open else END_STREAM, OUR_STREAM, self.rest[:size]))
            self.rest = self.rest[size:]
            for stream in self.window:
                self.window[stream] -= size

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            self.ended = True
            self.error = 'the connection was closed'
        self.received += data
        while len(self.received) >= 9 and not self.ended:
            size = int.from_bytes(self.received[:3], 'big')
            if len(self.received) < 9 + size:
                break
            kind, flags, stream = struct.unpack('>BBI', self.received[3:9])
            payload = bytes(self.received[9:9 + size])
            del self.received[:9 + size]
            self.take(kind, flags, stream, payload)

    def take(self, kind, flags, stream, payload):
        if kind in (HEADERS, CONTINUATION):
            self.block += payload
            if flags & END_HEADERS:
                self.headers = self.decoder.decode(bytes(self.block), raw=True)
                self.block.clear()
        elif kind == DATA:
            self.body += payload
        elif kind == SETTINGS and not flags & ACK:
            for name, value in struct.iter_unpack('>HI', payload):
                if name == INITIAL_WINDOW_SIZE:
                    self.window[OUR_STREAM] += value - 65535
                elif name == MAX_FRAME_SIZE:
                    self.largest_frame = value
            self.send(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self.send(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE and stream in self.window:
            self.window[stream] += int.from_bytes(payload, 'big')
        elif kind == RST_STREAM:
            self.ended = True
            self.error = f'the stream was reset: {int.from_bytes(payload, "big")}'
        elif kind == GOAWAY and int.from_bytes(payload[4:8], 'big') != 0:
            self.ended = True
            code = int.from_bytes(payload[4:8], 'big')
            self.error = 'ENHANCE_YOUR_CALM' if code == ENHANCE_YOUR_CALM else f'the connection was ended: {code}'
        self.ended |= kind in (DATA, HEADERS) and flags & END_STREAM != 0

    def run(self):
        try:
            self.connect()
            while not self.ended:
                self.send_body()
                self.receive()
            self.socket.close()
        except OSError as error:
            self.error = f'{type(error).__name__} {error}'


def ask(request):
    exchange = Exchange(request)
    exchange.run()
    return {
        'headers': [[name.decode('latin-1'), value.decode('latin-1')] for name, value in exchange.headers],
        'body': exchange.body.decode('latin-1'),
        'error': exchange.error,
    }


for line in sys.stdin:
    print(json.dumps(ask(json.loads(line))), flush=True)
