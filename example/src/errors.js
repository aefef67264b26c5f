// Every error is sent as JSON: {"error": "...", "code"?: "..."}.

import multer from 'multer';

export class HttpError extends Error {
  constructor(status, message, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const badRequest = (message) => new HttpError(400, message);
export const sessionRequired = (message) => new HttpError(401, message, 'AUTH_REQUIRED');

export function notFound(req, res) {
  res.status(404).json({ error: 'Not found' });
}

// Express recognises an error handler by its four parameters.
export function handleError(error, req, res, next) {
  if (res.headersSent) return next(error);
  const { status, body } = describe(error);
  if (status >= 500) console.error(error);
  // For example the Content-Range of a 416.
  if (status < 500) res.set(error.headers ?? {});
  res.status(status).json(body);
}

function describe(error) {
  if (error instanceof HttpError) {
    return { status: error.status, body: { error: error.message, ...(error.code && { code: error.code }) } };
  }
  if (error instanceof multer.MulterError) {
    const status = error.code === 'LIMIT_FILE_SIZE' ? 413 : 400;
    return { status, body: { error: error.message } };
  }
  if (error.type === 'entity.parse.failed') return { status: 400, body: { error: 'Malformed JSON' } };
  if (error.type === 'entity.too.large') return { status: 413, body: { error: 'Body too large' } };
  const status = error.status ?? error.statusCode;
  if (status >= 400 && status < 500) return { status, body: { error: error.message } };
  return { status: 500, body: { error: 'Internal server error' } };
}
