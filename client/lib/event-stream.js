// The format of text/event-stream: pieces of text become events.

// A longer one would fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class EventStream {
  #text = '';

  // What the server said last; both outlive the connection.
  lastEventId = '';
  retry = null;

  // Returns the events that are complete with this piece: {type, data, lastEventId}.
  push(piece) {
    this.#text += piece;
    // A final CR may be half of a CRLF.
    const blocks = this.#text.replace(/\r\n|\r(?!$)/g, '\n').split('\n\n');
    this.#text = blocks.pop();
    return blocks.map((block) => this.#event(block)).filter(Boolean);
  }

  // A new connection: what was incomplete is dropped.
  restart() {
    this.#text = '';
  }

  #event(block) {
    let type = 'message';
    const data = [];
    for (const line of block.split('\n')) {
      const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (name === 'data') data.push(value);
      else if (name === 'event') type = value || 'message';
      else if (name === 'id' && !value.includes('\0')) this.lastEventId = value;
      else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Math.min(Number(value), LONGEST_TIMER_MS);
    }
    return data.length > 0 ? { type, data: data.join('\n'), lastEventId: this.lastEventId } : null;
  }
}

// Calls `tell(event)` for each event of a response, until it ends.
export async function readEvents(response, stream, tell) {
  stream.restart();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    stream.push(value).forEach(tell);
  }
}

// An event's id as a header of fetch(), which takes no character above 255: the bytes of its UTF-8, as EventSource does.
export const idForHeader = (id) => String.fromCharCode(...new TextEncoder().encode(id));

export const isEventStream = (response) => response.status === 200
  && /^text\/event-stream\b/i.test(response.headers.get('Content-Type') ?? '');
