// Server-sent events. One connection for the whole console; parts listen on `serverEvents`.

const KINDS = ['device', 'channel', 'quarantine', 'session', 'storage', 'health', 'control', 'alarm',
  'voice'];

/** Re-announces every event of the server under its own name with the data in `detail`, and `link` {up}. */
export const serverEvents = new EventTarget();

let source;
let up;
let retry;

function link(state) {
  if (up === state) return;
  up = state;
  serverEvents.dispatchEvent(new CustomEvent('link', { detail: { up } }));
}

export function openEvents() {
  closeEvents();
  source = new EventSource('/api/v1/events');
  source.onopen = () => link(true);
  source.onerror = () => {
    link(false);
    // The browser gives up for good when the answer is not a stream (a restarting server, a proxy).
    if (source?.readyState === EventSource.CLOSED) retry = setTimeout(openEvents, 3000);
  };
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      try {
        serverEvents.dispatchEvent(new CustomEvent(kind, { detail: JSON.parse(event.data) }));
      } catch {
        // An event that is not JSON says nothing we could show.
      }
    });
  }
}

export function closeEvents() {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}

export const linkIsUp = () => up !== false;
