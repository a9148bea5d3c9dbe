/**
 * Events of the daemon, one stream for a browser: browsers open six connections to a host, and each window would take one.
 * The window that holds the lock listens, and tells the others; when it is closed, another one gets the lock.
 *
 * @module
 */

const CHANNEL = 'cellview-events';
const SLOWEST_MS = 10_000;

/** @typedef {{number: number, experiment: number, kind: string, data: Record<string, unknown>}} DaemonEvent */

export class Live {
  /**
   * @param {number} after The number of the last event that is known: what was before is no news.
   * @param {(event: DaemonEvent) => void} onEvent
   * @param {(connected: boolean) => void} onLink
   */
  constructor(after, onEvent, onLink) {
    this.onEvent = onEvent;
    this.onLink = onLink;
    this._ended = new AbortController();
    this._channel = new BroadcastChannel(CHANNEL);
    this._channel.addEventListener('message', ({ data }) => this._hear(data));
    this._last = after;
    // Locks are for secure contexts alone; over plain HTTP to another machine each window listens for itself.
    if (navigator.locks) {
      navigator.locks.request(CHANNEL, { signal: this._ended.signal }, () => this._lead()).catch(() => undefined);
      this._channel.postMessage({ ask: true });
    } else void this._lead();
  }

  stop() {
    this._ended.abort();
    this._channel.close();
    this._source?.close();
  }

  /** @param {{event?: DaemonEvent, connected?: boolean, ask?: boolean}} said */
  _hear(said) {
    if (said.event) this._pass(said.event);
    if (said.connected !== undefined) this.onLink(said.connected);
    if (said.ask && this._source) this._channel.postMessage({ connected: this._source.readyState === EventSource.OPEN });
  }

  /** @param {DaemonEvent} event */
  _pass(event) {
    if (event.number <= this._last) return;
    this._last = event.number;
    this.onEvent(event);
  }

  /** Listens until the window is closed. @returns {Promise<void>} */
  _lead() {
    return new Promise((resolve) => {
      this._ended.signal.addEventListener('abort', () => resolve());
      this._listen(500);
    });
  }

  /** @param {number} wait Before the next try, in milliseconds: a browser gives up for good on some answers. */
  _listen(wait) {
    if (this._ended.signal.aborted) return;
    const source = new EventSource(`/api/events?after=${this._last}`);
    this._source = source;
    source.addEventListener('open', () => {
      wait = 500;
      this._tell({ connected: true });
    });
    source.addEventListener('error', () => {
      this._tell({ connected: false });
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => this._listen(Math.min(SLOWEST_MS, wait * 2)), wait);
    });
    for (const kind of KINDS) {
      source.addEventListener(kind, (message) => this._tell({ event: JSON.parse(message.data) }));
    }
  }

  /** @param {{event?: DaemonEvent, connected?: boolean}} said */
  _tell(said) {
    if (this._ended.signal.aborted) return;
    if (said.event && said.event.number <= this._last) return;
    this._channel.postMessage(said);
    if (said.event) this._pass(said.event);
    if (said.connected !== undefined) this.onLink(said.connected);
  }
}

const KINDS = Object.freeze([
  'submitted', 'started', 'search_started', 'search_lost', 'search_finished', 'paused', 'resumed', 'priority', 'pinned',
  'unpinned', 'cancelled', 'finished', 'failed', 'recovered', 'deleted', 'held', 'released',
]);
