// Trips and their files.

import { Router } from 'express';
import multer from 'multer';
import { lookup as contentType } from 'mime-types';
import { strings } from '../body.js';
import { badRequest, HttpError } from '../errors.js';
import { publicFile, publicTrip, safeName } from '../trips.js';

const MAX_UPLOAD = 10 * 1024 * 1024;

export function tripRoutes({ trips, sessions }) {
  const router = Router();
  const upload = multer({
    storage: multer.memoryStorage(),
    limits: { fileSize: MAX_UPLOAD, files: 1, fields: 10 },
    defParamCharset: 'utf8',
  });

  router.use(sessions.required);

  router.param('tripId', (req, res, next, id) => {
    req.trip = trips.find(id, req.user);
    next(req.trip ? undefined : new HttpError(404, 'Trip not found'));
  });

  router.get('/', (req, res) => res.json({ trips: trips.ofUser(req.user).map(publicTrip) }));

  router.post('/', (req, res) => {
    const { title, description } = strings(req, 'title');
    const text = typeof description === 'string' ? description.trim().slice(0, 2000) : '';
    const trip = trips.add({ title: title.trim().slice(0, 200), description: text, members: [req.user.id] });
    res.status(201).json({ trip: publicTrip(trip) });
  });

  router.get('/:tripId', (req, res) => res.json({ trip: publicTrip(req.trip) }));

  router.get('/:tripId/files', (req, res) => {
    res.json({ files: req.trip.files.map((file) => publicFile(req.trip, file)) });
  });

  router.post('/:tripId/files', upload.single('file'), async (req, res) => {
    if (!req.file) throw badRequest('file is required');
    const name = safeName(req.file.originalname);
    const file = await trips.addFile(req.trip, {
      name,
      // The type is derived from the name, not from the uploader's claim.
      type: contentType(name) || 'application/octet-stream',
      bytes: req.file.buffer,
      user: req.user,
    });
    res.status(201).json({ file: publicFile(req.trip, file) });
  });

  router.get('/:tripId/files/:fileId/download', (req, res, next) => {
    const file = trips.findFile(req.trip, req.params.fileId);
    if (!file) throw new HttpError(404, 'File not found');
    res.attachment(file.name);
    res.type(file.type);
    res.set('Cache-Control', 'private, no-cache');
    // Supports Range and conditional requests, too.
    res.sendFile(file.stored, { root: trips.filesDir, cacheControl: false }, (error) => {
      if (!error || res.headersSent) return;
      res.removeHeader('Content-Disposition');
      next(error);
    });
  });

  return router;
}
