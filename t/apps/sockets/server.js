// A server as people write them: Express, Socket.IO and graphql-ws, people in memory, and JWTs of its own.

import { createServer } from 'node:http';

import express from 'express';
import { GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { useServer } from 'graphql-ws/lib/use/ws';
import jsonwebtoken from 'jsonwebtoken';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';

const { PORT, JWT_SECRET, PUBLIC_DIR } = process.env;
const people = JSON.parse(process.env.PEOPLE);  // [{id, name, password, role, mfa_enabled}]

// The JWT of a request's header, or else of a message: whom the gate has checked goes first.
const personOf = (authorization, message) => {
  const jwt = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? message;
  const { id } = jsonwebtoken.verify(jwt, JWT_SECRET, { algorithms: ['HS256'] });
  return people.find((person) => person.id === id);
};

const app = express();
app.use(express.json());
app.use('/files', express.static(PUBLIC_DIR));
app.post('/api/login', (request, response) => {
  const person = people.find(({ name, password }) => name === request.body.name && password === request.body.password);
  if (!person) return response.status(401).json({ error: 'wrong name or password' });
  return response.json({ token: jsonwebtoken.sign({ id: person.id, name: person.name }, JWT_SECRET, { expiresIn: '1d' }) });
});
app.use('/api', (request, response, next) => {
  try {
    request.person = personOf(request.headers.authorization);
    next();
  } catch {
    response.status(401).json({ error: 'sign in' });
  }
});
app.get('/api/me', (request, response) => {
  const { password, ...user } = request.person;
  response.json({ user });
});

const server = createServer(app);

const io = new Server(server, { destroyUpgrade: false });
io.use((socket, next) => {
  try {
    socket.data.person = personOf(socket.handshake.headers.authorization, socket.handshake.auth.token);
    next();
  } catch {
    next(new Error('sign in'));
  }
});
io.on('connection', (socket) => {
  socket.on('who', (answer) => answer(socket.data.person.name));
});

const type = new GraphQLNonNull(GraphQLString);
const who = { type, resolve: (root, args, { person }) => person.name };
const counted = { type, subscribe: async function* count() { for (const number of ['one', 'two']) yield { counted: number }; } };
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { who } }),
  subscription: new GraphQLObjectType({ name: 'Subscription', fields: { counted } }),
});
// Each takes its own path and leaves the other's alone.
const subscriptions = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  if (request.url.split('?')[0] !== '/graphql') return;
  subscriptions.handleUpgrade(request, socket, head, (opened) => subscriptions.emit('connection', opened, request));
});
useServer({
  schema,
  onConnect({ connectionParams, extra }) {
    try {
      extra.person = personOf(extra.request.headers.authorization, connectionParams?.token);
      return true;
    } catch {
      return false;
    }
  },
  context: ({ extra }) => ({ person: extra.person }),
}, subscriptions);

server.listen(Number(PORT), '127.0.0.1', () => console.log('ready'));
