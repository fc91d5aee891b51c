// The editor of configuration blocks: its forms come from the server's table of the standard.

import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { has, t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { openDialog, toast, toastProblem } from './dialog.js';

const title = (block) => (has(`block.${block}`) ? t(`block.${block}`) : block);

/** Opens the configuration of a `channels` or `devices` entry. */
export function openConfiguration(kind, id, name) {
  const path = `/${kind}/${seg(id)}/configuration`;
  const list = h('div', { class: 'block-list', role: 'tablist', tLabel: 'config.blocks' });
  const place = h('div', { class: 'block-form' }, h('span', { class: 'spinner' }));
  const done = openDialog('config.title', h('div', { class: 'config' },
    h('p', { class: 'muted' }, name), h('div', { class: 'config-body' }, list, place)), { wide: true,
      name: 'configuration' });
  load(path, list, place);
  return done;
}

async function load(path, list, place) {
  try {
    const [{ items: forms }, { items, missing }] = await Promise.all([api.get('/configuration-blocks'),
      api.get(`${path}?again=true`)]);
    const values = new Map(items.map((block) => [block.block, block.values]));
    const known = forms.filter((form) => values.has(form.block) || missing.includes(form.block));
    const show = (form) => {
      for (const tab of list.children) tab.setAttribute('aria-selected',
        String(tab.dataset.block === form.block));
      fill(place, editor(path, form, values));
    };
    fill(list, known.map((form) => h('button', { role: 'tab', class: 'block-tab', data: { block: form.block },
      onclick: () => show(form) }, title(form.block),
    values.has(form.block) ? null : h('span', { class: 'muted', tTitle: 'config.missing' }, icon('info',
      12)))));
    if (known.length) show(known.find((form) => values.has(form.block)) ?? known[0]);
    else fill(place, h('p', { class: 'muted', t: 'config.none' }));
  } catch (problem) {
    fill(place, h('p', { class: 'fail-text' }, problem.sentence), h('p', { class: 'muted' },
      problem.detail ?? ''),
      h('p', { class: 'muted' }, problem.fix ?? ''));
  }
}

function editor(path, form, values) {
  const present = values.get(form.block) ?? {};
  const inputs = group(form.fields, present, !form.writable);
  const note = h('p', { class: 'muted small-text' }, form.writable ? '' : t('config.readOnly'));
  return h('form', { class: 'stack', data: { form: form.block }, onsubmit: async (event) => {
    event.preventDefault();
    try {
      const result = await api.put(`${path}/${form.block}`, { values: inputs.read() });
      if (result.values) values.set(form.block, result.values);
      const clean = result.confirmed && !result.differences.length;
      note.className = clean ? 'ok-text' : 'warn-text';
      note.textContent = result.differences.length ? t('config.differs',
        { names: result.differences.join(', ') })
        : t(result.values ? 'config.readBack' : result.confirmed ? 'config.confirmed' : 'config.unconfirmed');
      if (clean) toast(t('config.saved', { block: title(form.block) }));
    } catch (problem) {
      note.className = 'fail-text';
      note.textContent = [problem.sentence, problem.detail].filter(Boolean).join(' — ');
      if (!problem.status) toastProblem(problem);
    }
  } }, h('h3', {}, title(form.block), ' ', h('code', { class: 'muted' }, form.block)), inputs.element, note,
  form.writable ? h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'primary',
    t: 'action.save' })) : null);
}

/** Inputs for some fields: {element, read}. */
function group(fields, values, locked) {
  const parts = fields.map((field) => [field, input(field, values[field.name], locked || field.readOnly)]);
  return {
    element: h('div', { class: 'fields' }, parts.map(([, part]) => part.element)),
    read: () => Object.fromEntries(parts.filter(([field]) => !field.readOnly)
      .map(([field, part]) => [field.name, part.read()]).filter(([, value]) => value !== undefined)),
  };
}

function input(field, value, locked) {
  if (field.type === 'list') return list(field, value ?? [], locked);
  const label = h('span', {}, field.name, field.required ? h('b', { class: 'needed', 'aria-hidden': 'true' },
    ' *') : null);
  if (field.type === 'xml') {
    const area = h('textarea', { rows: 8, class: 'code', disabled: locked, spellcheck: false,
      name: field.name });
    area.value = value ?? '';
    return { element: h('label', { class: 'wide' }, label, area), read: () => area.value || undefined };
  }
  const number = field.type === 'integer' || field.type === 'number';
  if (field.type === 'integer' && field.minimum === 0 && field.maximum === 1) {
    const box = h('input', { type: 'checkbox', checked: value === 1, disabled: locked, name: field.name });
    return { element: h('label', { class: 'switch' }, box, label),
      read: () => (value === undefined && !field.required && !box.checked
        ? undefined : Number(box.checked)) };
  }
  const box = h('input', { type: number ? 'number' : 'text', name: field.name, disabled: locked,
    required: field.required,
    value: value === undefined ? '' : String(value), min: field.minimum === undefined
      ? null : String(field.minimum),
    max: field.maximum === undefined ? null : String(field.maximum), step: field.type === 'number'
      ? 'any' : null,
    maxLength: number ? null : field.most });
  return { element: h('label', {}, label, box),
    read: () => (box.value === '' ? undefined : number ? Number(box.value) : box.value) };
}

function list(field, values, locked) {
  const rows = [];
  const place = h('div', { class: 'config-rows' });
  const add = (value) => {
    const inner = group(field.fields, value, locked);
    const row = { read: inner.read };
    row.element = h('div', { class: 'config-row' }, inner.element, locked ? null : h('button',
      { type: 'button', class: 'quiet',
      tLabel: 'config.removeRow', tTitle: 'config.removeRow', onclick: () => {
        rows.splice(rows.indexOf(row), 1);
        row.element.remove();
        more.disabled = false;
      } }, icon('trash')));
    rows.push(row);
    place.append(row.element);
    more.disabled = rows.length >= field.most;
  };
  const more = h('button', { type: 'button', class: 'quiet', tLabel: 'config.addRow',
    tTitle: 'config.addRow', hidden: locked,
    onclick: () => add({}) }, icon('plus'));
  values.forEach(add);
  return {
    element: h('fieldset', { class: 'wide' }, h('legend', {}, field.name, ' ', more), place),
    read: () => rows.map((row) => row.read()),
  };
}
