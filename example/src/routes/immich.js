// Pictures from an Immich server, fetched on the user's behalf. In this example, pictures painted at start replace that server.

import { Router } from 'express';
import { HttpError } from '../errors.js';

const SIZES = ['thumbnail', 'original'];

export function immichRoutes({ pictures, sessions }) {
  const router = Router();
  router.use(sessions.required);

  router.get('/assets', (req, res) => {
    const assets = pictures.map(({ id, name, width, height, takenAt }) => ({
      id, name, width, height, taken_at: takenAt, type: 'image/png',
    }));
    res.json({ assets });
  });

  router.get('/assets/:id/:size', (req, res) => {
    const picture = pictures.find(({ id }) => id === req.params.id);
    if (!picture || !SIZES.includes(req.params.size)) throw new HttpError(404, 'Asset not found');
    res.set('Cache-Control', 'private, no-cache');
    res.type('image/png').send(picture[req.params.size]);
  });

  return router;
}
