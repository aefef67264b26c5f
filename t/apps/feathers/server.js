// A Feathers application as its generator makes them, in one file: users in memory, notes, REST and Socket.IO.

import { AuthenticationService, JWTStrategy, authenticate } from '@feathersjs/authentication';
import { LocalStrategy, passwordHash } from '@feathersjs/authentication-local';
import express, { errorHandler, json, rest, serveStatic } from '@feathersjs/express';
import { feathers } from '@feathersjs/feathers';
import { memory } from '@feathersjs/memory';
import socketio from '@feathersjs/socketio';

const { PORT, FEATHERS_SECRET, PUBLIC_DIR } = process.env;

const app = express(feathers());
app.set('authentication', {
  entity: 'user',
  service: 'users',
  secret: FEATHERS_SECRET,
  authStrategies: ['jwt', 'local'],
  jwtOptions: { header: { typ: 'access' }, audience: 'https://yourdomain.com', algorithm: 'HS256', expiresIn: '1d' },
  local: { usernameField: 'email', passwordField: 'password' },
});
app.use(json());
app.configure(rest());
app.configure(socketio());
app.use('/files', serveStatic(PUBLIC_DIR));

const authentication = new AuthenticationService(app);
authentication.register('jwt', new JWTStrategy());
authentication.register('local', new LocalStrategy());
app.use('authentication', authentication);
app.use('users', memory({ startId: 1 }));
app.use('notes', memory({ startId: 1 }));

const refusal = (code, message) => Object.assign(new Error(message), { code });

// From outside: users register with an address and a password, and read. The rest is the site's.
const hash = passwordHash({ strategy: 'local' });
const external = (params) => Boolean(params.provider);
app.service('users').hooks({
  before: {
    all: [async (context) => {
      if (context.method !== 'create') await authenticate('jwt')(context);
      if (!external(context.params)) return;
      if (!['create', 'get'].includes(context.method)) throw refusal(405, 'not for you');
      if (context.method === 'create') context.data = { email: context.data.email, password: context.data.password };
    }],
    create: [async (context) => { context.data.password = await hash(context.data.password, context.data, context); }],
  },
  after: {
    all: [async (context) => { if (external(context.params)) context.dispatch = { ...context.result, password: undefined }; }],
  },
});
app.service('notes').hooks({ before: { all: [authenticate('jwt')] } });

// The one addition of docs/apps/feathers.md: a socket stays its handshake's, whatever a message says.
app.service('authentication').hooks({
  before: {
    create: [async ({ params }) => { if (params.connection?.user) throw refusal(403, 'this socket is signed in'); }],
  },
});
app.on('connection', (connection) => app.channel('anonymous').join(connection));
app.on('login', (result, { connection }) => {
  if (!connection) return;
  app.channel('anonymous').leave(connection);
  app.channel('authenticated').join(connection);
});
app.publish(() => app.channel('authenticated'));
app.use(errorHandler());

await app.listen(Number(PORT), '127.0.0.1');
for (const person of JSON.parse(process.env.PEOPLE)) await app.service('users').create(person);
await app.service('notes').create({ title: 'for everybody with a session' });
console.log('ready');
