// The REST contract. Every failure becomes a Problem with a sentence for people.

import { has, t } from './i18n.js';

/** Announces `signed-out` when the server no longer knows this session. */
export const apiEvents = new EventTarget();

/** An RFC 9457 problem, or the lack of an answer. */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.title ?? `HTTP ${status}`);
    this.status = status;
    this.slug = String(body.type ?? '').split('/').pop() || (status ? `http-${status}` : 'unreachable');
    this.title = body.title;
    this.detail = body.detail;
    this.fix = body.fix;
    this.correlation = body.correlation;
    this.reason = body.reason;
  }

  /** One sentence in the language of the console when the kind is known, else the server's own. */
  get sentence() {
    if (this.reason && has(`denial.${this.reason}`)) return t(`denial.${this.reason}`);
    const known = `problem.${this.slug}`;
    if (has(known)) return t(known);
    return this.title ?? t('problem.other', { status: this.status });
  }
}

async function call(method, path, body, options = {}) {
  const headers = { Accept: 'application/json' };
  let payload;
  if (body !== undefined) {
    headers['Content-Type'] = options.type ?? 'application/json';
    payload = options.type ? body : JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers, body: payload, credentials: 'same-origin', keepalive: options.keepalive,
      signal: options.signal,
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0);
  }
  const text = await response.text();
  let value;
  try {
    value = text ? JSON.parse(text) : undefined;
  } catch {
    value = undefined;
  }
  if (response.ok) return value;
  if (response.status === 401 && !path.startsWith('/session')) apiEvents.dispatchEvent(new Event('signed-out'));
  throw new Problem(response.status, value);
}

export const api = {
  get: (path, options) => call('GET', path, undefined, options),
  post: (path, body = {}, options) => call('POST', path, body, options),
  put: (path, body) => call('PUT', path, body),
  /** A file as it is. */
  upload: (path, file) => call('PUT', path, file, { type: 'application/octet-stream' }),
  patch: (path, body) => call('PATCH', path, body),
  delete: (path, options) => call('DELETE', path, undefined, options),
};

/** One step of a path: identifiers are opaque and are escaped whole. */
export const seg = encodeURIComponent;

/** A query string without the empty values. */
export function query(values) {
  const pairs = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== '');
  return pairs.length ? `?${new URLSearchParams(pairs)}` : '';
}
