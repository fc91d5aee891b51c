// How a device is spoken to: the profile of its make, and what one device has of its own.

import { mayManage } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { openDialog, toast } from './dialog.js';

/** What can be chosen; a habit that is not listed is typed. */
const CHOICES = {
  edition: ['2011', '2016', '2022'],
  charset: ['GB2312', 'GB18030', 'UTF-8'],
  media: ['udp', 'tcp-passive', 'tcp-active', 'tcp-passive,tcp-active,udp', 'udp,tcp-passive'],
  stream: ['streamnumber', 'streamprofile', 'stream', 'streamMode'],
  'key-frame': ['2016', '2022', 'both'],
  'arms-guard': ['yes'],
  'resets-alarms': ['yes'],
  talk: ['two-sessions', 'single'],
  'voice-coding': ['pcma', 'pcmu', 'ps'],
};
const NUMBERS = { 'heartbeat-interval': 3600, 'heartbeat-count': 100 };

export function openProfile(device) {
  const body = h('div', { class: 'stack profile-dialog' }, h('span', { class: 'spinner' }));
  const done = openDialog('profile.title', body, { wide: true, name: 'profile' });
  read(device, body);
  return done;
}

async function read(device, body) {
  try {
    const [book, found] = await Promise.all([api.get('/profiles'), api.get(`/devices/${seg(device.id)}/profile`)]);
    render(device, body, book, found);
  } catch (problem) {
    fill(body, h('p', { class: 'fail-text', role: 'alert' }, problem.sentence));
  }
}

function render(device, body, book, found) {
  const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
  const change = async (what) => {
    wrong.hidden = true;
    try {
      render(device, body, book, await api.patch(`/devices/${seg(device.id)}/profile`, what));
      toast(t('profile.saved'));
    } catch (problem) {
      wrong.textContent = [problem.sentence, problem.detail, problem.fix].filter(Boolean).join(' ');
      wrong.hidden = false;
    }
  };
  const set = found.ground === 'setting' ? found.profile : 'auto';
  const automatic = set === 'auto' ? t('profile.automaticAs', { name: found.name }) : t('profile.automatic');
  const focus = body.contains(document.activeElement) ? document.activeElement.name : null;
  fill(body,
    h('p', { class: 'muted' }, t('profile.explain', { name: device.name || device.id })),
    h('label', {}, h('span', { t: 'profile.make' }), h('select', { name: 'profile', disabled: !mayManage(),
      onchange: (event) => change({ profile: event.target.value }) },
    h('option', { value: 'auto', selected: set === 'auto' }, automatic),
    book.items.map((p) => h('option', { value: p.id, selected: set === p.id }, p.name)))),
    h('p', { class: 'small-text', data: { ground: found.ground } }, t(`profile.ground.${found.ground}`), ' ', found.note),
    h('table', { class: 'plain-table' }, h('thead', {}, h('tr', {}, h('th', { t: 'profile.habit' }),
      h('th', { t: 'profile.now' }), h('th', { t: 'profile.own' }))),
    h('tbody', {}, found.habits.map((habit) => row(habit, change)))),
    wrong);
  if (focus) body.querySelector(`[name="${focus}"]`)?.focus();
}

function row(habit, change) {
  const own = habit.from === 'device' ? habit.value : '';
  const label = `profile.habits.${habit.name}`;
  const send = (event) => change({ habits: { [habit.name]: event.target.value.trim() } });
  const common = { name: habit.name, tLabel: label, disabled: !mayManage(), onchange: send };
  const list = CHOICES[habit.name];
  const values = list && own && !list.includes(own) ? [...list, own] : list;
  const field = values
    ? h('select', common, h('option', { value: '', selected: !own, t: 'profile.asProfile' }),
      values.map((value) => h('option', { value, selected: value === own }, word(value))))
    : h('input', { ...common, value: own, size: 8, autocomplete: 'off',
      ...(NUMBERS[habit.name] ? { type: 'number', min: 1, max: NUMBERS[habit.name] }
        : { placeholder: '+08:00', maxLength: 6 }) });
  return h('tr', { data: { habit: habit.name, from: habit.from } }, h('th', { scope: 'row', t: label }),
    h('td', {}, habit.value ? word(habit.value) : h('span', { class: 'muted', t: 'profile.standard' }),
      habit.value ? h('span', { class: 'muted' }, ` · ${t(`profile.from.${habit.from}`)}`) : null),
    h('td', {}, field));
}

const word = (value) => (['yes', 'no', 'both', 'two-sessions', 'single'].includes(value) ? t(`profile.value.${value}`)
  : value.split(',').join(', '));
