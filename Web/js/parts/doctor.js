// "Why is there no picture?": what was sent, what came back, what the port received.

import { api, seg } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { t, tCode } from '../lib/i18n.js';
import { statusIcon } from '../lib/icons.js';
import { clock, count, parse } from '../lib/zone.js';
import { openDialog } from './dialog.js';

export async function openDoctor(channel, name) {
  const body = h('div', { class: 'doctor', 'aria-busy': 'true' }, h('span', { class: 'spinner' }));
  const closed = openDialog('doctor.title', body, { wide: true, name: 'doctor' });
  try {
    const found = await api.get(`/channels/${seg(channel)}/doctor`);
    body.replaceChildren(...report(found, name));
  } catch (problem) {
    body.replaceChildren(h('p', { class: 'fail-text' }, problem.sentence ?? String(problem)));
  }
  body.removeAttribute('aria-busy');
  return closed;
}

function report(found, name) {
  const port = found.port ?? {};
  const list = (items) => (items?.length ? items.join(', ') : '–');
  return [
    h('p', { class: 'doctor-name muted' }, name),
    h('p', { class: 'doctor-verdict' }, found.verdict),
    found.fix ? h('p', { class: 'doctor-fix' }, h('b', { t: 'doctor.fix' }), ' ', found.fix) : null,
    h('ol', { class: 'doctor-steps' }, (found.steps ?? []).map((step) =>
      h('li', {}, statusIcon(step.ok ? 'online' : 'offline', 12),
        h('b', {}, tCode('step', step.name.replaceAll(' ', '-'), step.name)),
        h('span', { class: 'muted' }, step.detail ?? '')))),
    h('dl', { class: 'facts' },
      h('dt', { t: 'doctor.port' }), h('dd', { class: 'num' }, String(port.number ?? '–')),
      h('dt', { t: 'doctor.packets' }), h('dd', { class: 'num' }, count(port.packets)),
      h('dt', { t: 'doctor.sources' }), h('dd', { class: 'num' }, list(port.sources)),
      h('dt', { t: 'doctor.wrongSSRC' }), h('dd', { class: 'num' }, list(port.wrongSSRC))),
    h('div', { class: 'doctor-sdp' },
      h('figure', {}, h('figcaption', { t: 'doctor.sent' }),
        h('pre', {}, found.sdpSent || t('doctor.nothing'))),
      h('figure', {}, h('figcaption', { t: 'doctor.received' }),
        h('pre', {}, found.sdpReceived || t('doctor.nothing')))),
    h('h3', { t: 'ladder.title' }), ladder(found.messages ?? []),
  ].filter(Boolean);
}

/** SIP messages between the platform (left) and the device (right). */
export function ladder(messages) {
  if (!messages.length) return h('p', { class: 'muted', t: 'ladder.empty' });
  return h('ol', { class: 'ladder' }, messages.map((m) => {
    const at = parse(m.time);
    return h('li', { class: m.direction },
      h('details', {},
        h('summary', {}, h('time', { class: 'num' }, at === null ? '' : clock(at, true)),
          h('span', { class: 'ladder-arrow', 'aria-label': t(`ladder.${m.direction}`) },
            m.direction === 'in' ? '◀──' : '──▶'),
          h('code', {}, m.summary)),
        h('pre', {}, m.text)));
  }));
}
