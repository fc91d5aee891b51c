// What an alarm says about itself, in words and shapes. The words are those of the device and of the standard.

import { h } from '../lib/dom.js';
import { has, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';

/** Each level has a shape of its own, told apart without colour. */
const SHAPES = { 1: '◆', 2: '▲', 3: '●', 4: '○' };

export const METHODS = ['device', 'video', 'fault', 'position', 'telephone', 'sms', 'other'];

/** What happened: the standard's word, else what the device wrote, else how it came. */
export function kindText(alarm) {
  if (alarm.kind && has(`alarm.kind.${alarm.kind}`)) return t(`alarm.kind.${alarm.kind}`);
  if (alarm.typeName) return alarm.typeName;
  const method = tCode('alarm.method', alarm.method, alarm.method);
  return alarm.type ? t('alarm.typed', { method, type: alarm.type }) : method;
}

export function levelMark(alarm, word = true) {
  return h('span', { class: `alarm-level level-${alarm.priority}`, tTitle: `alarm.level.${alarm.priority}` },
    h('i', { 'aria-hidden': 'true' }, SHAPES[alarm.priority] ?? '○'),
    word ? h('span', { t: `alarm.level.${alarm.priority}` }) : null);
}

/** Whether somebody has taken note. */
export function stateMark(alarm) {
  if (!alarm.acknowledged) return h('span', { class: 'alarm-state open', t: 'alarm.waiting' });
  return h('span', { class: 'alarm-state' }, icon('check', 12), h('span', {}, alarm.acknowledged.by));
}

/** One line for a toast or a mark. */
export const alarmLine = (alarm) => `${kindText(alarm)} · ${alarm.name ?? alarm.source}`;
