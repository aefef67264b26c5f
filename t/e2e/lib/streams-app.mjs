// The application behind the configuration of docs/streaming.md: events, media, and sockets of the libraries themselves.

import { chmod, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { Server as SocketIo } from 'socket.io';
import { WebSocketServer } from 'ws';

const claimsOf = (headers) => JSON.parse(Buffer.from(/^Bearer [\w-]+\.([\w-]+)\./.exec(headers.authorization)[1], 'base64url'));

export class StreamsApp {
  // Each request: {method, url, headers, body}; `url` is as the application gets it.
  requests = [];
  // path: {type, body}
  media = new Map();
  // path: (request, response) => …
  handlers = new Map();
  // All open sockets, which drop() ends as a lost network does.
  #sockets = new Set();
  #server;

  static async start(path) {
    const app = new StreamsApp();
    await rm(path, { force: true });
    const server = app.#server = createServer((request, response) => app.#answer(request, response));
    app.#serveSocketIo(server);
    const hub = app.#hub();
    const graphql = app.#graphql();
    server.on('upgrade', (request, socket, head) => {
      app.requests.push(request);
      app.#sockets.add(socket);
      socket.on('close', () => app.#sockets.delete(socket));
      const { pathname } = new URL(request.url, 'http://app');
      const target = { '/graphql': graphql, '/hubs/chat': hub }[pathname];
      target?.handleUpgrade(request, socket, head, (ws) => target.emit('connection', ws, request));
    });
    server.listen(path);
    await once(server, 'listening');
    await chmod(path, 0o666);
    return app;
  }

  async stop() {
    this.drop();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  drop() {
    for (const socket of this.#sockets) socket.destroy();
  }

  asked(path) {
    return this.requests.filter(({ url }) => url.startsWith(path));
  }

  async #answer(request, response) {
    this.requests.push(request);
    request.body = Buffer.concat(await request.toArray()).toString();
    const { pathname } = new URL(request.url, 'http://app');
    const handler = this.handlers.get(pathname);
    if (handler) return handler(request, response);
    const found = this.media.get(pathname);
    return found ? sendRange(request, response, found) : response.writeHead(404).end();
  }

  #serveSocketIo(server) {
    const io = new SocketIo(server, { transports: ['websocket'], serveClient: false });
    io.on('connection', (socket) => {
      const { headers, query, auth } = socket.handshake;
      socket.emit('welcome', { user: claimsOf(headers).id, token: query.token ?? null, auth });
      socket.on('say', (text, answer) => answer(text.toUpperCase()));
    });
  }

  // As much of SignalR's protocol as its client needs.
  #hub() {
    const END = '\x1e';
    return new WebSocketServer({ noServer: true }).on('connection', (ws, { headers }) => ws.on('message', (data) => {
      for (const text of data.toString().split(END).filter(Boolean)) {
        const { protocol, target, invocationId } = JSON.parse(text);
        if (protocol) ws.send(`{}${END}`);
        if (target) ws.send(JSON.stringify({ type: 3, invocationId, result: claimsOf(headers).id }) + END);
      }
    }));
  }

  #graphql() {
    const server = new WebSocketServer({ noServer: true });
    useServer({
      schema: buildSchema('type Query { user: Int } type Subscription { user: Int }'),
      roots: { subscription: { async* user(args, { user }) { yield { user }; } } },
      context: ({ extra: { request }, connectionParams }) => ({ user: claimsOf(request.headers).id, connectionParams }),
    }, server);
    return server;
  }
}

function sendRange({ headers, method }, response, { type, body }) {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const first = Number(from ?? 0);
  const last = to ? Math.min(Number(to), body.length - 1) : body.length - 1;
  response.writeHead(from === undefined ? 200 : 206, {
    'Content-Type': type,
    'Accept-Ranges': 'bytes',
    'Content-Length': last - first + 1,
    ETag: '"1"',
    ...(from !== undefined && { 'Content-Range': `bytes ${first}-${last}/${body.length}` }),
  });
  response.end(method === 'HEAD' ? undefined : body.subarray(first, last + 1));
}
