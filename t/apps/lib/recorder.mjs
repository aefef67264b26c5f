// What reaches the application: a plain proxy between nginx and it that keeps each request's method, URL and headers.

import http from 'node:http';
import { once } from 'node:events';

export class Recorder {
  requests = [];
  #server = http.createServer();
  #sockets = new Set();

  // `target` is the application's port on 127.0.0.1. Resolves when `port` is open.
  static async start(target) {
    const recorder = new Recorder();
    const server = recorder.#server;
    server.on('request', (request, response) => recorder.#forward(target, request, response));
    server.on('upgrade', (request, socket, head) => recorder.#upgrade(target, request, socket, head));
    server.on('connection', (socket) => {
      recorder.#sockets.add(socket);
      socket.on('close', () => recorder.#sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    recorder.port = server.address().port;
    return recorder;
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #note({ method, url, headers }) {
    this.requests.push({ method, url, headers });
  }

  #ask(target, { method, url, rawHeaders }) {
    const options = { host: '127.0.0.1', port: target, method, path: url, headers: rawHeaders };
    return http.request({ ...options, agent: false, setHost: false });
  }

  #forward(target, request, response) {
    this.#note(request);
    const onward = this.#ask(target, request);
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  #upgrade(target, request, socket, head) {
    this.#note(request);
    const onward = this.#ask(target, request);
    const both = (other) => {
      socket.on('error', () => other.destroy()).on('close', () => other.destroy());
      other.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    };
    const statusLine = ({ statusCode, statusMessage, rawHeaders }) => {
      const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
      for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
      return `${lines.join('\r\n')}\r\n\r\n`;
    };
    onward.on('upgrade', (answer, other, rest) => {
      both(other);
      socket.write(statusLine(answer));
      socket.write(rest);
      other.write(head);
      socket.pipe(other).pipe(socket);
    });
    onward.on('response', (answer) => {
      socket.write(statusLine(answer));
      answer.pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    onward.end();
  }
}
