// Requests for a JSON object, and the errors that they end with.

// `message` is the server's text in its own language, or empty. `status` is 0 if there was no response.
export class ApiError extends Error {
  constructor(status, answer) {
    super(typeof answer?.error === 'string' ? answer.error : '');
    this.status = status;
    this.code = answer?.code;
  }

  get signedOut() {
    return this.status === 401 && (this.code === 'AUTH_REQUIRED' || !this.message);
  }
}

// Returns ask(method, path, body), which resolves to the response's JSON object or rejects with an ApiError. `send(url, options)` is
// a fetch(), `prefix` goes before each path.
export function requests(send, prefix) {
  return async function ask(method, path, body) {
    const response = await send(prefix + path, {
      method,
      cache: 'no-store',
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    }).catch(() => {
      throw new ApiError(0);
    });
    const answer = await response.json().catch(() => null);
    if (!response.ok || answer === null || typeof answer !== 'object') throw new ApiError(response.status, answer);
    return answer;
  };
}
