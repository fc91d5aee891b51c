// How a hold is told: the same sentences on the timeline, in dialogs and on the health page.

import { t } from '../lib/i18n.js';
import { bytes, clock, count, date, span, stamp } from '../lib/zone.js';

/** How many files, and their bytes. */
export const extentText = ({ files, bytes: size }) => (files === 1
  ? t('keeping.extentOne', { size: bytes(size) }) : t('keeping.extent', { n: count(files), size: bytes(size) }));

/** The day stands once when both ends are on it. */
export const intervalText = ({ from, to }) =>
  `${stamp(from)} – ${date(from) === date(to) ? clock(to) : stamp(to)} (${span(to - from)})`;

export const untilText = ({ until }) => (until === null ? t('hold.untilReleased')
  : t('keeping.until', { time: stamp(until) }));

/** What the timeline says under the pointer. */
export const holdLines = (hold) => [
  t('hold.tip', { reason: hold.reason }),
  `${t('keeping.by', { user: hold.by, time: stamp(hold.placed) })} · ${untilText(hold)}`,
  intervalText(hold),
];

/** What went wrong with a hold or a rule, and what to do: one sentence of the console's, then the server's. */
export function troubleText(problem) {
  const known = { 0: 'unreachable', 403: 'forbidden', 404: 'missing', 422: 'invalid' }[problem.status];
  return [t(`keeping.fail.${known ?? 'other'}`), known === 'unreachable' ? '' : problem.detail
    ?? problem.sentence, problem.fix].filter(Boolean).join(' ');
}
