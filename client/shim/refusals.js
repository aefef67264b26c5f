// Notices what the gate refuses. What the page sees of its requests stays as it was.

const CODES = { 401: 'AUTH_REQUIRED', 403: 'MFA_REQUIRED' };
const LONGEST_REFUSAL = 4096;

// Headers that belong to one request. All others that a page sets tell who asks, or are the same for each of its requests.
const OF_ONE_REQUEST = /^(accept|content-.*|if-.*|range|last-event-id)$/i;

const sessionOf = (headers) => Object.fromEntries([...headers].filter(([name]) => !OF_ONE_REQUEST.test(name)));

// Must be called before anybody reads the response's body. `headers` are those that the page gave the request.
function noteResponse(response, headers) {
  try {
    if (response.status in CODES && isOwn(response.url)) noteBody(response.clone(), response.status, sessionOf(new Headers(headers)));
  } catch {
    // Its body is gone: then the page is told, and nobody else.
  }
}

async function noteBody({ body }, status, session) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let text = '';
    for (let piece = {}; !piece.done && text.length < LONGEST_REFUSAL;) {
      piece = await reader.read();
      text += piece.value ?? '';
    }
    noteText(text, status, session);
  } catch {
    // Broken off, or not text.
  } finally {
    reader.cancel().catch(() => {});
  }
}

function noteText(text, status, session) {
  try {
    if (JSON.parse(text).code === CODES[status]) refused(CODES[status], session);
  } catch {
    // No refusal of the gate.
  }
}

async function noteRequest(request, session) {
  const { status, response, responseType } = request;
  if (!(status in CODES) || !isOwn(request.responseURL)) return;
  const headers = sessionOf(session);
  if (responseType === 'json') {
    if (response?.code === CODES[status]) refused(CODES[status], headers);
  } else if (responseType === 'blob' || responseType === 'arraybuffer') {
    noteText(await new Blob([response]).slice(0, LONGEST_REFUSAL).text(), status, headers);
  } else if (responseType !== 'document') {
    noteText(response.slice(0, LONGEST_REFUSAL), status, headers);
  }
}

// The shim's own requests.
async function ask(url, given) {
  const response = await natives.fetch.call(window, url, given);
  noteResponse(response, given.headers);
  return response;
}
