// The public settings of this installation, and the settings that its administrator may change.

import { Router } from 'express';
import { jsonObject } from '../body.js';
import { badRequest } from '../errors.js';
import { adminRequired } from '../sessions.js';

export function settingsRoutes({ settings, sessions }) {
  const router = Router();

  router.get('/app-config', (req, res) => {
    res.json({
      app_name: settings.get('app_name'),
      allow_registration: settings.get('allow_registration') === 'true',
    });
  });

  router.route('/app-settings')
    .all(sessions.required, adminRequired)
    .get((req, res) => res.json(settings.all()))
    .put((req, res) => {
      const wrong = settings.update(jsonObject(req));
      if (wrong) throw badRequest(wrong);
      res.json({ success: true });
    });

  return router;
}
