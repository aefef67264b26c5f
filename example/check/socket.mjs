// A WebSocket as a page sees it: whether it opened, its messages, and how it was closed.

import { WebSocket } from 'ws';

const TIMEOUT_MS = 5_000;

export class Socket {
  #socket;
  #messages = [];
  #waiting = [];
  #closing;
  #opening;

  constructor(url, protocols = []) {
    this.#socket = new WebSocket(url, protocols, { handshakeTimeout: TIMEOUT_MS });
    this.#socket.on('message', (data) => {
      this.#messages.push(JSON.parse(data));
      this.#waiting.shift()?.();
    });
    this.#opening = new Promise((resolve) => { this.#socket.on('open', resolve); });
    this.#closing = new Promise((resolve, reject) => {
      this.#socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
      this.#socket.on('error', reject);
    });
    // A failure reaches those who await the end; without one, it must not count as an unhandled rejection.
    this.#closing.catch(() => {});
  }

  // Fails if the handshake does; a handshake that ends with a close frame was opened.
  async opened() {
    const failed = this.#closing.then(() => this.#opening);
    await inTime(Promise.race([this.#opening, failed]), 'the handshake');
  }

  send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  async message() {
    if (this.#messages.length === 0) await inTime(this.#arrival(), 'a message');
    return this.#messages.shift();
  }

  #arrival() {
    const arrived = new Promise((resolve) => this.#waiting.push(resolve));
    const closed = this.#closing.then(({ code, reason }) => {
      throw new Error(`closed with ${code} "${reason}" where a message was expected`);
    });
    return Promise.race([arrived, closed]);
  }

  // Resolves to {code, reason} of a close that the other side started.
  closed(withinMs = TIMEOUT_MS) {
    return inTime(this.#closing, 'a close frame', withinMs);
  }

  async close() {
    this.#socket.close();
    await inTime(this.#closing, 'the end of the connection');
  }

  terminate() {
    this.#socket.terminate();
  }
}

async function inTime(promise, what, ms = TIMEOUT_MS) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
