// An event stream based on fetch. Unlike the native one, it can send the JWT in a header, also when it reconnects.
class HeldEventSource extends Behind {
  #found;
  #abort = new AbortController();
  #lastId = '';
  #wait = 3000;

  constructor(outer, found, url, { withCredentials = false } = {}) {
    super(outer, parsed(url).href, ['open', 'message', 'error']);
    this.withCredentials = Boolean(withCredentials);
    this.#found = found;
    this.#run();
  }

  close() {
    this.readyState = 2;
    this.#abort.abort();
  }

  async #run() {
    await null;
    while (this.readyState !== 2) {
      const more = await this.#stream().catch(() => true);
      if (this.readyState === 2) return;
      this.readyState = more ? 0 : 2;
      this.tell(new Event('error'));
      await new Promise((resolve) => { setTimeout(resolve, this.#wait); });
    }
  }

  // Returns false if the response rules out another attempt.
  async #stream() {
    const { url, jwt } = this.#found;
    const headers = { Accept: 'text/event-stream', Authorization: bearer(jwt), ...(this.#lastId && { 'Last-Event-ID': this.#lastId }) };
    const response = await natives.fetch.call(window, url, { headers, cache: 'no-store', signal: this.#abort.signal });
    if (response.status !== 200 || !/^text\/event-stream\b/i.test(response.headers.get('Content-Type') ?? '')) return false;
    this.readyState = 1;
    this.tell(new Event('open'));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; ;) {
      const { done, value } = await reader.read();
      if (done) return true;
      text += value;
      const events = text.replace(/\r\n|\r(?!$)/g, '\n').split('\n\n');
      text = events.pop();
      events.forEach((event) => this.#event(event));
    }
  }

  #event(text) {
    const fields = { event: 'message', data: [] };
    for (const line of text.split('\n')) {
      const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (name === 'data') fields.data.push(value);
      else if (name === 'event') fields.event = value || 'message';
      else if (name === 'id' && !value.includes('\0')) this.#lastId = value;
      else if (name === 'retry' && /^\d+$/.test(value)) this.#wait = Number(value);
    }
    if (fields.data.length === 0 || this.readyState === 2) return;
    this.tell(new MessageEvent(fields.event, { data: fields.data.join('\n'), origin: location.origin, lastEventId: this.#lastId }));
  }
}

stand(window.EventSource, HeldEventSource);
