// "Why is there no picture?", "Why is it not there?": the way hop by hop, what was found on it, and the messages.

import { api, seg } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { language, t } from '../lib/i18n.js';
import { statusIcon } from '../lib/icons.js';
import { clock, count, parse } from '../lib/zone.js';
import { openDialog } from './dialog.js';

/** Calls a camera and explains what happened on the way. */
export const openDoctor = (channel, name) => examine(`/channels/${seg(channel)}/doctor`, name, 'doctor.title');

/** Explains why a device is not there, without calling a camera. */
export const openDeviceDoctor = (device, name) => examine(`/devices/${seg(device)}/doctor`, name,
  'doctor.deviceTitle');

async function examine(path, name, title) {
  const body = h('div', { class: 'doctor', 'aria-busy': 'true' }, h('span', { class: 'spinner' }));
  const closed = openDialog(title, body, { wide: true, name: 'doctor' });
  try {
    const found = await api.get(path);
    body.replaceChildren(...report(found, name));
  } catch (problem) {
    body.replaceChildren(h('p', { class: 'fail-text' }, problem.sentence ?? String(problem)));
  }
  body.removeAttribute('aria-busy');
  return closed;
}

const inLanguage = (text) => (language === 'zh-CN' ? text.zh : text.en);

function report(found, name) {
  const findings = found.findings ?? [];
  const messages = ladder(found.messages ?? [], new Set(findings.map((f) => f.message)));
  return [
    h('p', { class: 'doctor-name muted' }, name),
    way(found.hops ?? []),
    findings.length ? findings.map((f) => finding(f, messages))
      : h('p', { class: 'doctor-verdict' }, t(wellWord(found))),
    media(found),
    h('h3', { t: 'ladder.title' }), messages,
  ].flat().filter(Boolean);
}

const wellWord = (found) => (found.port ? 'doctor.pictureWell' : 'doctor.deviceWell');

/** The way from the camera to the screen, hop by hop. */
function way(hops) {
  if (!hops.length) return null;
  const icons = { works: 'online', suffers: 'suspect', fails: 'offline', unknown: 'unknown' };
  return h('ol', { class: 'doctor-way', tLabel: 'doctor.way' }, hops.map(({ hop, state }) =>
    h('li', { class: `hop-${state}`, data: { hop } }, statusIcon(icons[state] ?? 'unknown', 16),
      h('span', {}, t(`hop.${hop}`)), h('span', { class: 'hop-state' }, t(`hop.is.${state}`)))));
}

function finding(found, messages) {
  const shows = found.message === undefined || found.message === null ? null
    : h('button', { class: 'quiet', onclick: () => {
      const entry = messages.children[found.message];
      const details = entry?.querySelector('details');
      if (details) details.open = true;
      entry?.scrollIntoView({ block: 'center' });
    } }, t('doctor.showMessage'));
  return h('section', { class: `doctor-finding${found.fatal ? ' fatal' : ''}`, data: { code: found.code } },
    h('p', { class: 'doctor-verdict' }, h('span', { class: 'badge' }, t(`hop.${found.hop}`)), ' ',
      inLanguage(found.text)),
    h('p', { class: 'doctor-fix' }, h('b', { t: 'doctor.fix' }), ' ', inLanguage(found.fix), ' ', shows));
}

/** What was agreed for the media, and what came. */
function media(found) {
  if (!found.sdpSent && !found.port) return [];
  const port = found.port ?? {};
  const list = (items) => (items?.length ? items.join(', ') : '–');
  return [
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
  ];
}

/** SIP messages between the platform (left) and the device (right). */
export function ladder(messages, marked = new Set()) {
  if (!messages.length) return h('p', { class: 'muted', t: 'ladder.empty' });
  return h('ol', { class: 'ladder' }, messages.map((m, index) => {
    const at = parse(m.time);
    return h('li', { class: marked.has(index) ? `${m.direction} marked` : m.direction },
      h('details', {},
        h('summary', {}, h('time', { class: 'num' }, at === null ? '' : clock(at, true)),
          h('span', { class: 'ladder-arrow', 'aria-label': t(`ladder.${m.direction}`) },
            m.direction === 'in' ? '◀──' : '──▶'),
          h('code', {}, m.summary)),
        h('pre', {}, m.text)));
  }));
}
