// A keep-alive connection for sequential requests: for warming up and for callgrind, not for load.

import { connect } from 'node:net';
import { once } from 'node:events';

const END_OF_HEAD = '\r\n\r\n';

export function requestText({ method = 'GET', path, headers = {} }) {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export class Connection {
  #socket;
  #received = '';
  #waiting = null;

  static async open(port) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      this.#received += text;
      this.#deliver();
    });
    const lost = () => this.#waiting?.reject(new Error('the server closed the connection'));
    socket.on('error', lost);
    socket.on('close', lost);
  }

  // Sends one request; resolves to its { status, body }.
  request(text) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(text);
    });
  }

  close() {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #deliver() {
    const end = this.#received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    const start = end + END_OF_HEAD.length;
    if (this.#received.length < start + length) return;
    const body = this.#received.slice(start, start + length);
    this.#received = this.#received.slice(start + length);
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve({ status: Number(head.slice(9, 12)), body });
  }
}
