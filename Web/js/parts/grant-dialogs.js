// The dialogs of grants, requests and emergencies. Each resolves with true when it changed something.

import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { t, tCode } from '../lib/i18n.js';
import { purpose, purposeName, purposes } from '../lib/purpose.js';
import { now } from '../lib/zone.js';
import { openDialog } from './dialog.js';

const OPERATIONS = ['live', 'replay', 'download', 'control', 'audio', 'configure'];
const ROLES = ['administrator', 'operator', 'auditor', 'device-manager', 'machine'];

/** A form in a dialog: `act` gets the form's data and may throw a Problem, which is shown. */
function form(title, name, parts, submit, act) {
  return openDialog(title, (close) => {
    const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
    const element = h('form', {
      class: 'stack', onsubmit: async (event) => {
        event.preventDefault();
        try {
          await act(new FormData(element), event.submitter?.value);
          close(true);
        } catch (problem) {
          wrong.textContent = [problem.sentence ?? problem.message, problem.detail, problem.fix].filter(Boolean).join(' ');
          wrong.hidden = false;
        }
      },
    }, parts, wrong, h('div', { class: 'buttons' },
      h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }), submit));
    return element;
  }, { name });
}

const labelled = (key, input) => h('label', {}, h('span', { t: key }), input);
const select = (name, values, word) => h('select', { name }, values.map((one) => h('option', { value: one }, word(one))));
const text = (name, more = {}) => h('input', { type: 'text', name, autocomplete: 'off', maxLength: 200, ...more });
const primary = (key) => h('button', { type: 'submit', class: 'primary', t: key });

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

export function newGrant() {
  const grantee = text('grantee', { required: true });
  const role = select('role', ROLES, (one) => tCode('role', one, one));
  const kind = select('kind', ['person', 'organisation', 'role', 'key', 'level'], (one) => tCode('grantee', one, one));
  const follow = () => {
    const isRole = kind.value === 'role';
    [role.hidden, grantee.hidden, grantee.required] = [!isRole, isRole, !isRole];
  };
  kind.addEventListener('change', follow);
  follow();
  return form('grants.new', 'grant', [
    labelled('grants.grantee', kind), grantee, role, scopeFields(), operations(),
    h('fieldset', { class: 'choices', tLabel: 'grants.purposes' }, h('legend', { t: 'grants.purposes' }),
      purposes().map((one) => h('label', {},
        h('input', { type: 'checkbox', name: 'purposes', value: one.code }), h('span', {}, purposeName(one.code))))),
    labelled('grants.days', h('input', { type: 'number', name: 'days', min: 1, max: 3660 })),
    labelled('grants.footage', h('input', { type: 'number', name: 'footage', min: 1, max: 3660 })),
    labelled('grants.viewersAtOnce', h('input', { type: 'number', name: 'viewers', min: 1 })),
    labelled('grants.from', h('input', { type: 'time', name: 'from' })),
    labelled('grants.to', h('input', { type: 'time', name: 'to' })),
    labelled('grants.note', text('note')),
  ], primary('grants.give'), (data) => {
    const codes = data.getAll('purposes');
    const number = (key) => Number(data.get(key)) || undefined;
    const [from, to] = [data.get('from'), data.get('to')];
    return api.post('/grants', {
      grantee: { kind: kind.value, name: kind.value === 'role' ? role.value : grantee.value.trim() },
      scope: scopeOf(data), operations: data.getAll('operations'), note: data.get('note'),
      conditions: { purposes: codes.length ? codes : undefined, expires: days(data, 'days'),
        footageSeconds: number('footage') ? number('footage') * 86400 : undefined, viewers: number('viewers'),
        hours: from && to ? { from, to } : undefined },
    });
  });
}

/** Asks for access; `channel` is what could not be seen. */
export function askForAccess(channel) {
  const standing = purpose().standing?.purpose;
  return form('requests.ask', 'ask', [
    h('p', { class: 'muted', t: 'requests.explain' }),
    channel ? h('input', { type: 'hidden', name: 'channel', value: channel }) : scopeFields(), operations(),
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

export function decideRequest(request) {
  return form('requests.decide', 'decide', [
    h('p', {}, `${request.asker}: ${request.purpose.words ?? ''}`), labelled('requests.answer', text('answer')),
    labelled('requests.days', h('input', { type: 'number', name: 'days', min: 1, max: 366 })),
  ], [h('button', { type: 'submit', class: 'danger', value: 'refuse', t: 'requests.refuse' }),
    h('button', { type: 'submit', class: 'primary', value: 'grant', t: 'requests.grant' })],
  (data, button) => api.post(`/access-requests/${seg(request.id)}/decision`, {
    grant: button === 'grant', answer: data.get('answer'), until: days(data, 'days') }));
}

export function reviewGlass(glass) {
  return form('glass.review', 'review', [
    h('p', {}, `${glass.person}: ${glass.reason}`), labelled('glass.words', text('words', { required: true })),
  ], [h('button', { type: 'submit', class: 'danger', value: 'unjustified', t: 'verdict.unjustified' }),
    h('button', { type: 'submit', class: 'primary', value: 'justified', t: 'verdict.justified' })],
  (data, button) => api.post(`/break-glass/${seg(glass.id)}/review`, { verdict: button, words: data.get('words') }));
}

/** Tries a question: who, what, where; says what would be decided and why. */
export function explainAccess() {
  return openDialog('explain.title', (close) => {
    const answer = h('div', { class: 'explanation', role: 'status' });
    const element = h('form', {
      class: 'stack', onsubmit: async (event) => {
        event.preventDefault();
        const data = new FormData(element);
        try {
          const found = await api.post('/grants/explain', {
            asker: { kind: data.get('kind'), name: data.get('name').trim() }, operation: data.get('operation'),
            channel: data.get('channel').trim(), purpose: data.get('purpose') || undefined });
          fill(answer, h('p', { class: found.allowed ? 'ok-text' : 'fail-text' }, found.allowed
            ? t('explain.yes', { grant: found.grant }) : `${tCode('denial', found.reason, found.text ?? '')} ${found.fix ?? ''}`),
          h('ul', {}, found.considered.map((one) => h('li', {}, `${one.grant.id}: `,
            one.reason ? tCode('denial', one.reason, one.reason) : t('explain.carries')))));
        } catch (problem) {
          fill(answer, h('p', { class: 'fail-text' }, [problem.sentence, problem.detail].filter(Boolean).join(' ')));
        }
      },
    }, h('p', { class: 'muted', t: 'explain.explain' }),
    labelled('grants.grantee', select('kind', ['person', 'key', 'level'], (one) => tCode('grantee', one, one))),
    text('name', { required: true, tLabel: 'grants.grantee' }),
    labelled('explain.operation', select('operation', OPERATIONS, (one) => tCode('operation', one, one))),
    labelled('explain.channel', text('channel', { required: true })),
    labelled('purpose.lead', h('select', { name: 'purpose' }, h('option', { value: '', t: 'explain.standing' }),
      purposes().map((one) => h('option', { value: one.code }, purposeName(one.code))))),
    answer, h('div', { class: 'buttons' },
      h('button', { type: 'button', t: 'action.close', onclick: () => close() }), primary('explain.try')));
    return element;
  }, { name: 'explain' });
}
