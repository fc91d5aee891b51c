// Dialogs of one device: its state and cards, its upgrades.

import { may } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { parse, stamp } from '../lib/zone.js';
import { confirmAction, openDialog, toast, toastProblem } from './dialog.js';

/** From megabytes. */
const gigabytes = (megabytes) => (megabytes / 1000).toFixed(1);

const order = (device, command, more = {}) =>
  api.post(`/devices/${seg(device.id)}/controls`, { command, ...more });

/** Polls while a dialog is open. */
function whileOpen(element, every, run) {
  const timer = setInterval(() => (element.isConnected ? run() : clearInterval(timer)), every);
}

/** What a device says of itself now, and its storage cards. */
export function openState(device) {
  const state = h('dl', { class: 'facts' }, h('span', { class: 'spinner' }));
  const cards = h('div', { class: 'card-list' });
  const done = openDialog('care.state', h('div', { class: 'stack' }, state, h('h3', { t: 'care.cards' }),
    cards),
    { name: 'state' });
  readState(device, state);
  readCards(device, cards);
  return done;
}

async function readState(device, place) {
  const yes = (value) => (value === undefined ? '–' : t(value ? 'care.yes' : 'care.no'));
  const pair = (key, value) => [h('dt', { t: key }), h('dd', {}, value)];
  try {
    const s = await api.get(`/devices/${seg(device.id)}/status?again=true`);
    fill(place, pair('care.online', yes(s.online)), pair('care.working', s.working ? yes(true)
      : [yes(false), s.reason].filter(Boolean).join(' — ')), pair('care.encoding', yes(s.encoding)),
    pair('care.recording', yes(s.recording)),
    s.deviceTime ? pair('care.clock',
      `${stamp(parse(s.deviceTime))} (${s.clockOffset > 0 ? '+' : ''}${s.clockOffset} s)`) : null,
    s.alarmInputs.map((input) => [h('dt', {}, h('code', {}, input.id)), h('dd', {}, tCode('care.duty',
      input.duty, input.duty))]));
  } catch (problem) {
    fill(place, h('p', { class: 'fail-text' }, problem.sentence, ' ', h('span', { class: 'muted' },
      problem.detail ?? '')));
  }
}

async function readCards(device, place) {
  try {
    const { items } = await api.get(`/devices/${seg(device.id)}/cards?again=true`);
    if (!items.length) {
      fill(place, h('p', { class: 'muted', t: 'care.noCards' }));
      return;
    }
    fill(place, items.map((card) => {
      const used = card.capacity ? 1 - (card.free ?? 0) / card.capacity : 0;
      return h('div', { class: 'card-row', data: { card: card.number } }, icon('disk'),
        h('span', {}, card.name || t('care.card', { n: card.number })),
        h('meter', { min: 0, max: 1, value: used, tLabel: 'care.used' }),
        h('span', { class: 'num' }, card.capacity ? t('care.space', { free: gigabytes(card.free ?? 0),
          of: gigabytes(card.capacity) }) : '–'),
        h('span', { class: 'muted' }, card.status === 'formatting' ? t('care.formatting',
          { n: card.formatProgress ?? 0 })
          : tCode('care.cardState', card.status, card.status)),
        may('configure') ? h('button', { class: 'quiet', tTitle: 'care.format', tLabel: 'care.format',
          onclick: () => format(device, card, place) }, icon('trash')) : null);
    }));
    if (items.some((card) => card.status === 'formatting')) {
      setTimeout(() => place.isConnected && readCards(device, place), 1000);
    }
  } catch (problem) {
    fill(place, h('p', { class: 'muted' }, problem.sentence));
  }
}

async function format(device, card, place) {
  const sure = await confirmAction('care.format', t('care.formatSure', { n: card.number }), 'care.format');
  if (!sure) return;
  try {
    await order(device, 'format-card', { card: card.number });
    readCards(device, place);
  } catch (problem) {
    toastProblem(problem);
  }
}

/** Restarts a device after a question. */
export async function reboot(device) {
  const name = device.name || device.id;
  if (!await confirmAction('care.reboot', t('care.rebootSure', { name }), 'care.reboot')) return;
  try {
    await order(device, 'reboot');
    toast(t('care.rebooting', { name }));
  } catch (problem) {
    toastProblem(problem);
  }
}

/** Guard on or off, and alarm reset: straight to the device. */
export async function command(device, name) {
  try {
    const { confirmed } = await order(device, name);
    toast(t(confirmed ? 'care.confirmed' : 'care.unconfirmed'), confirmed ? 'ok' : 'warn');
  } catch (problem) {
    toastProblem(problem);
  }
}

/** Upgrades of a device: choose or place a file, order, follow. */
export function openUpgrade(device) {
  const list = h('div', { class: 'upgrade-list' });
  const file = h('select', { name: 'file', required: true });
  const version = h('input', { name: 'firmware', required: true, maxLength: 64, autocomplete: 'off' });
  const submit = h('button', { type: 'submit', class: 'primary', t: 'upgrade.start' });
  const place = h('input', { type: 'file', name: 'place', hidden: true, onchange: () => upload() });
  const readFiles = async (chosen) => {
    const { items } = await api.get('/firmware');
    fill(file, items.map((f) => h('option', { value: f.name, selected: f.name === chosen },
      `${f.name} (${(f.bytes / 1e6).toFixed(1)} MB, ${f.sha256.slice(0, 8)}…)`)));
    submit.disabled = !items.length;
  };
  const upload = async () => {
    const [chosen] = place.files;
    if (!chosen) return;
    const name = chosen.name.replace(/[^\w.-]/g, '_').replace(/^\.+/, '');
    try {
      await api.upload(`/firmware/${seg(name)}`, chosen);
      await readFiles(name);
    } catch (problem) {
      toastProblem(problem);
    }
  };
  const form = h('form', { class: 'stack', onsubmit: async (event) => {
    event.preventDefault();
    if (!await confirmAction('upgrade.start', t('upgrade.sure', { name: device.name || device.id,
      version: version.value }),
      'upgrade.start')) return;
    try {
      await order(device, 'upgrade', { file: file.value, firmware: version.value });
    } catch (problem) {
      toastProblem(problem);
    }
    readUpgrades(device, list);
  } }, h('label', {}, h('span', { t: 'upgrade.file' }), h('span', { class: 'row' }, file,
    may('manageFirmware') ? h('button', { type: 'button', class: 'quiet', tTitle: 'upgrade.place',
      tLabel: 'upgrade.place',
      onclick: () => place.click() }, icon('upload')) : null, place)),
  h('label', {}, h('span', { t: 'upgrade.version' }), version), h('div', { class: 'buttons' }, submit));
  const done = openDialog('upgrade.title', h('div', { class: 'stack' }, form, h('h3', { t: 'upgrade.list' }),
    list),
    { wide: true, name: 'upgrade' });
  readFiles().catch(toastProblem);
  readUpgrades(device, list);
  whileOpen(list, 2000, () => readUpgrades(device, list));
  return done;
}

const STEPS = ['offered', 'accepted', 'downloading', 'downloaded', 'restarted', 'done'];

async function readUpgrades(device, place) {
  try {
    const { items } = await api.get(`/devices/${seg(device.id)}/upgrades`);
    fill(place, items.length ? items.slice(0, 20).map((u) => h('div', { class: `upgrade-row ${u.state}`,
      data: { upgrade: u.state } },
    h('div', {}, h('b', {}, u.firmware), ' ', h('span', { class: 'muted' },
      `${u.file} · ${u.by} · ${stamp(parse(u.started))}`)),
    h('progress', { max: STEPS.length - 1, value: Math.max(0, STEPS.indexOf(u.state)),
      tLabel: 'upgrade.progress' }),
    h('div', { class: u.state === 'failed' ? 'fail-text' : 'muted' }, tCode('upgrade.state', u.state,
      u.state),
      u.reason ? `: ${tCode('upgrade.reason', u.reason, u.reason)}` : '')))
      : h('p', { class: 'muted', t: 'upgrade.none' }));
  } catch (problem) {
    fill(place, h('p', { class: 'fail-text' }, problem.sentence));
  }
}
