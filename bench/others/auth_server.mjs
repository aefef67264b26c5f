// What auth_request asks: 200 for a good JWT, 401 for any other. Nothing but node:http.

import { createServer } from 'node:http';
import { serve, userOf } from './check_jwt.mjs';

serve(createServer((req, res) => {
  res.writeHead(userOf(req) === null ? 401 : 200, { 'Content-Length': 0 });
  res.end();
}));
