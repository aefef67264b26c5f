// Assembles the HTTP side: the middleware and routes that each request passes, in order.

import express from 'express';
import { handleError, notFound } from './errors.js';
import { authRoutes } from './routes/auth.js';
import { immichRoutes } from './routes/immich.js';
import { internalRoutes } from './routes/internal.js';
import { mfaRoutes } from './routes/mfa.js';
import { pageRoutes } from './routes/pages.js';
import { settingsRoutes } from './routes/settings.js';
import { tripRoutes } from './routes/trips.js';

export function createApp({ users, trips, pictures, settings, sessions, logRequest }) {
  const app = express();
  app.disable('x-powered-by');

  app.use((req, res, next) => {
    logRequest(req);
    res.set('X-Content-Type-Options', 'nosniff');
    next();
  });

  app.use('/api', express.json({ limit: '1mb' }));
  app.get('/api/health', (req, res) => res.json({ status: 'ok' }));
  app.use('/api/auth', authRoutes({ users, sessions, settings }));
  app.use('/api/auth', settingsRoutes({ settings, sessions }));
  app.use('/api/auth/mfa', mfaRoutes({ sessions }));
  app.use('/api/trips', tripRoutes({ trips, sessions }));
  app.use('/api/integrations/immich', immichRoutes({ pictures, sessions }));
  app.use('/api', notFound);
  app.use('/internal', express.json({ limit: '100kb' }), internalRoutes({ users, settings }));

  app.use(pageRoutes());
  app.use(notFound);
  app.use(handleError);
  return app;
}
