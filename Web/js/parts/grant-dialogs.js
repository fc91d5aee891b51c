// The dialogs of grants, requests and emergencies. Each resolves with true when it changed something.

import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { t, tCode } from '../lib/i18n.js';
import { purpose, purposeName, purposes } from '../lib/purpose.js';
import { now } from '../lib/zone.js';
import { visitorWords } from './rights-words.js';
import { formDialog as form, labelled, primary, select, text } from './form-dialog.js';

export const OPERATIONS = ['live', 'replay', 'download', 'control', 'audio', 'configure'];
export const ROLES = ['administrator', 'operator', 'auditor', 'device-manager', 'machine'];

const operations = (chosen = ['live']) => h('fieldset', { class: 'choices' }, OPERATIONS.map((one) => h('label', {},
  h('input', { type: 'checkbox', name: 'operations', value: one, checked: chosen.includes(one) }),
  h('span', {}, tCode('operation', one, one)))));

/** Which channels: a kind and what it names. */
function scopeFields() {
  const name = text('scopeName', { required: false });
  const hint = h('p', { class: 'muted small-text' });
  const kind = select('scopeKind', ['subtree', 'list', 'group', 'label', 'all'], (one) => tCode('scope', one, one));
  const follow = () => {
    name.hidden = kind.value === 'all';
    name.required = kind.value !== 'all';
    fill(hint, t(`scopeHint.${kind.value}`));
  };
  kind.addEventListener('change', follow);
  follow();
  return [labelled('grants.scope', kind), name, hint];
}

function scopeOf(data) {
  const kind = data.get('scopeKind');
  const name = data.get('scopeName').trim();
  if (kind === 'all') return { kind };
  if (kind === 'list') return { kind, channels: name.split(/[\s,;]+/).filter(Boolean) };
  return { kind, name };
}

const days = (data, key) => {
  const value = Number(data.get(key));
  return value > 0 ? new Date(now() + value * 86400000).toISOString() : undefined;
};

/** Of a grant for a level: for which of its people only. */
function visitorFields(known) {
  const names = h('textarea', { name: 'visitors', rows: 2, spellcheck: false });
  const add = (value) => {
    if (value) names.value = [...names.value.split('\n').filter(Boolean), value].join('\n');
  };
  const pick = h('select', { name: 'visitorPick', tLabel: 'grants.visitorsPick', onchange: () => {
    add(pick.value);
    pick.value = '';
  } }, h('option', { value: '', t: 'grants.visitorsPick' }),
  known.flatMap((one) => [h('option', { value: one.person }, one.name),
    one.organisation ? h('option', { value: one.organisation }, visitorWords(one.organisation)) : null]));
  return h('div', { class: 'visitors' }, labelled('grants.visitors', names), known.length ? pick : null,
    h('p', { class: 'muted small-text', t: 'grants.visitorsHint' }));
}

/** `known` are names to choose from: {people, keys, organisations, levels, visitors}. */
export function newGrant(known = {}) {
  const grantee = text('grantee', { required: true });
  const names = h('datalist', { id: 'grantee-names' });
  grantee.setAttribute('list', 'grantee-names');
  const role = select('role', ROLES, (one) => tCode('role', one, one));
  const kind = select('kind', ['person', 'organisation', 'role', 'key', 'level'], (one) => tCode('grantee', one, one));
  const visitors = visitorFields(known.visitors ?? []);
  const follow = () => {
    const isRole = kind.value === 'role';
    const list = { person: known.people, key: known.keys, organisation: known.organisations, level: known.levels };
    fill(names, (list[kind.value] ?? []).map((one) => h('option', { value: one.id ?? one.name }, one.name)));
    [role.hidden, grantee.hidden, grantee.required] = [!isRole, isRole, !isRole];
    visitors.hidden = kind.value !== 'level';
  };
  kind.addEventListener('change', follow);
  follow();
  return form('grants.new', 'grant', [
    labelled('grants.grantee', kind), grantee, names, role, visitors, scopeFields(), operations(),
    h('fieldset', { class: 'choices', tLabel: 'grants.purposes' }, h('legend', { t: 'grants.purposes' }),
      purposes().map((one) => h('label', {},
        h('input', { type: 'checkbox', name: 'purposes', value: one.code }), h('span', {}, purposeName(one.code))))),
    labelled('grants.days', h('input', { type: 'number', name: 'days', min: 1, max: 3660 })),
    labelled('grants.footage', h('input', { type: 'number', name: 'footage', min: 1, max: 3660 })),
    labelled('grants.viewersAtOnce', h('input', { type: 'number', name: 'viewers', min: 1 })),
    labelled('grants.from', h('input', { type: 'time', name: 'from' })),
    labelled('grants.to', h('input', { type: 'time', name: 'to' })),
    labelled('grants.priority', h('input', { type: 'number', name: 'priority', min: 1, max: 254 })),
    h('label', { class: 'switch' }, h('input', { type: 'checkbox', name: 'unmarked' }), h('span', { t: 'grants.unmarked' })),
    labelled('grants.note', text('note')),
  ], primary('grants.give'), (data) => {
    const codes = data.getAll('purposes');
    const number = (key) => Number(data.get(key)) || undefined;
    const [from, to] = [data.get('from'), data.get('to')];
    const people = visitors.hidden ? [] : data.get('visitors').split('\n').map((line) => line.trim()).filter(Boolean);
    return api.post('/grants', {
      grantee: { kind: kind.value, name: kind.value === 'role' ? role.value : grantee.value.trim() },
      scope: scopeOf(data), operations: data.getAll('operations'), note: data.get('note'), priority: number('priority'),
      conditions: { purposes: codes.length ? codes : undefined, expires: days(data, 'days'),
        footageSeconds: number('footage') ? number('footage') * 86400 : undefined, viewers: number('viewers'),
        visitors: people.length ? people : undefined, hours: from && to ? { from, to } : undefined, unmarked: data.get('unmarked') ? true : undefined },
    });
  });
}

/** Asks for access; `channel` is what could not be seen, `operation` what for. */
export function askForAccess(channel, operation = 'live') {
  const standing = purpose().standing?.purpose;
  return form('requests.ask', 'ask', [
    h('p', { class: 'muted', t: 'requests.explain' }),
    channel ? h('input', { type: 'hidden', name: 'channel', value: channel }) : scopeFields(), operations([operation]),
    labelled('purpose.lead', h('select', { name: 'purpose' }, purposes().map((one) =>
      h('option', { value: one.code, selected: one.code === standing }, purposeName(one.code))))),
    labelled('purpose.caseNumber', text('caseNumber')), labelled('purpose.approver', text('approver')),
    labelled('requests.words', text('words', { required: true })),
    labelled('grants.days', h('input', { type: 'number', name: 'days', min: 1, max: 366, value: '7', required: true })),
  ], primary('requests.send'), (data) => api.post('/access-requests', {
    scope: channel ? { kind: 'list', channels: [channel] } : scopeOf(data), operations: data.getAll('operations'),
    purpose: data.get('purpose'), caseNumber: data.get('caseNumber') || undefined,
    approver: data.get('approver') || undefined, words: data.get('words'), until: days(data, 'days'),
  }));
}

/** The approver's word: all of it, some of it, or no with a reason. */
export function decideRequest(request) {
  const number = (data, key) => Number(data.get(key)) || undefined;
  return form('requests.decide', 'decide', [
    h('p', {}, `${request.asker}: ${request.purpose.words ?? ''}`),
    h('fieldset', { class: 'choices' }, request.operations.map((one) => h('label', {},
      h('input', { type: 'checkbox', name: 'operations', value: one, checked: true }), h('span', {}, tCode('operation', one, one))))),
    labelled('requests.days', h('input', { type: 'number', name: 'days', min: 1, max: 366 })),
    labelled('grants.footage', h('input', { type: 'number', name: 'footage', min: 1, max: 3660 })),
    labelled('grants.viewersAtOnce', h('input', { type: 'number', name: 'viewers', min: 1 })),
    labelled('grants.from', h('input', { type: 'time', name: 'from' })),
    labelled('grants.to', h('input', { type: 'time', name: 'to' })),
    labelled('requests.answer', text('answer')),
  ], [h('button', { type: 'submit', class: 'danger', value: 'refuse', t: 'requests.refuse' }),
    h('button', { type: 'submit', class: 'primary', value: 'grant', t: 'requests.grant' })],
  (data, button) => {
    const [from, to, answer] = [data.get('from'), data.get('to'), data.get('answer').trim()];
    if (button === 'refuse' && !answer) throw new Error(t('requests.sayWhy'));
    return api.post(`/access-requests/${seg(request.id)}/decision`, button !== 'grant' ? { grant: false, answer } : {
      grant: true, answer, until: days(data, 'days'), operations: data.getAll('operations'), viewers: number(data, 'viewers'),
      footageSeconds: number(data, 'footage') ? number(data, 'footage') * 86400 : undefined,
      hours: from && to ? { from, to } : undefined });
  });
}

export function reviewGlass(glass) {
  return form('glass.review', 'review', [
    h('p', {}, `${glass.person}: ${glass.reason}`), labelled('glass.words', text('words', { required: true })),
  ], [h('button', { type: 'submit', class: 'danger', value: 'unjustified', t: 'verdict.unjustified' }),
    h('button', { type: 'submit', class: 'primary', value: 'justified', t: 'verdict.justified' })],
  (data, button) => api.post(`/break-glass/${seg(glass.id)}/review`, { verdict: button, words: data.get('words') }));
}
