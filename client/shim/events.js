// An event stream based on fetch. Unlike the native one, it can send the JWT in a header, also when it reconnects.

const { EventStream, idForHeader, isEventStream, readEvents } = lib_event_stream_js;

class HeldEventSource extends Behind {
  #found;
  #abort = new AbortController();
  #stream = new EventStream();

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
      const more = await this.#connect().catch(() => true);
      if (this.readyState === 2) return;
      this.readyState = more ? 0 : 2;
      this.tell(new Event('error'));
      await new Promise((resolve) => { setTimeout(resolve, this.#stream.retry ?? 3000); });
    }
  }

  // Returns false if the response rules out another attempt.
  async #connect() {
    const { url, jwt } = this.#found;
    const id = idForHeader(this.#stream.lastEventId);
    const headers = { Accept: 'text/event-stream', Authorization: bearer(jwt), ...(id && { 'Last-Event-ID': id }) };
    const response = await ask(url, { headers, cache: 'no-store', signal: this.#abort.signal });
    if (!isEventStream(response)) return false;
    this.readyState = 1;
    this.tell(new Event('open'));
    await readEvents(response, this.#stream, ({ type, data, lastEventId }) => {
      if (this.readyState !== 2) this.tell(new MessageEvent(type, { data, origin: location.origin, lastEventId }));
    });
    return true;
  }
}

stand(window.EventSource, HeldEventSource);
