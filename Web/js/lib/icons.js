// Icons, drawn on a 16 × 16 grid with the current colour. The only markup the console builds from strings.

const LINES = {
  wall: '<rect x="1.75" y="2.25" width="5.5" height="5" rx=".8"/><rect x="8.75" y="2.25" width="5.5" height="5" rx=".8"/><rect x="1.75" y="8.75" width="5.5" height="5" rx=".8"/><rect x="8.75" y="8.75" width="5.5" height="5" rx=".8"/>',
  playback: '<path d="M2.6 8a5.6 5.6 0 1 0 1.8-4.1"/><path d="M2.4 1.8v2.8h2.8"/><path d="M6.8 5.7v4.6L10.6 8z"/>',
  log: '<path d="M3.2 2h7l2.6 2.6V14H3.2z"/><path d="M5.4 6.4h5M5.4 8.8h5M5.4 11.2h3"/>',
  devices: '<rect x="2" y="2.5" width="12" height="4.6" rx="1"/><rect x="2" y="8.9" width="12" height="4.6" rx="1"/><path d="M4.6 4.8h.01M4.6 11.2h.01M7.5 4.8h4M7.5 11.2h4"/>',
  health: '<path d="M1.5 8.4h3l1.8-4.6 3 8.4 1.8-3.8h3.4"/>',
  settings: '<circle cx="8" cy="8" r="2.1"/><path d="M8 1.6v2M8 12.4v2M1.6 8h2M12.4 8h2M3.5 3.5l1.4 1.4M11.1 11.1l1.4 1.4M12.5 3.5l-1.4 1.4M4.9 11.1l-1.4 1.4"/>',
  search: '<circle cx="7" cy="7" r="4.3"/><path d="M10.3 10.3 14 14"/>',
  camera: '<rect x="1.6" y="4.4" width="8.6" height="7.2" rx="1.4"/><path d="m10.2 7 4-2.2v6.4l-4-2.2"/>',
  folder: '<path d="M1.8 4.4c0-.7.5-1.2 1.2-1.2h3l1.4 1.6H13c.7 0 1.2.5 1.2 1.2v5.8c0 .7-.5 1.2-1.2 1.2H3c-.7 0-1.2-.5-1.2-1.2z"/>',
  recorder: '<rect x="1.8" y="4" width="12.4" height="8" rx="1.2"/><circle cx="5.2" cy="8" r="1.5"/><path d="M9 6.9h3M9 9.1h3"/>',
  alarm: '<path d="M4 11V7.4a4 4 0 0 1 8 0V11l1.2 1.4H2.8z"/><path d="M6.7 14h2.6"/>',
  speaker: '<path d="M2 6.2v3.6h2.4L8 12.6V3.4L4.4 6.2z"/><path d="M10.4 5.8a3 3 0 0 1 0 4.4M12.2 4a5.6 5.6 0 0 1 0 8"/>',
  microphone: '<rect x="5.8" y="1.8" width="4.4" height="7.6" rx="2.2"/><path d="M3.4 7.6a4.6 4.6 0 0 0 9.2 0M8 12.2v2.2M5.6 14.4h4.8"/>',
  muted: '<path d="M2 6.2v3.6h2.4L8 12.6V3.4L4.4 6.2z"/><path d="m10.6 6.2 3.6 3.6M14.2 6.2l-3.6 3.6"/>',
  other: '<circle cx="8" cy="8" r="5.6"/><path d="M5.4 8h.01M8 8h.01M10.6 8h.01"/>',
  chevron: '<path d="m6 3.5 4.5 4.5L6 12.5"/>',
  close: '<path d="m3.6 3.6 8.8 8.8M12.4 3.6l-8.8 8.8"/>',
  snapshot: '<path d="M2 5.4c0-.6.5-1.1 1.1-1.1h1.7l1-1.6h4.4l1 1.6h1.7c.6 0 1.1.5 1.1 1.1v6.2c0 .6-.5 1.1-1.1 1.1H3.1c-.6 0-1.1-.5-1.1-1.1z"/><circle cx="8" cy="8.4" r="2.4"/>',
  info: '<circle cx="8" cy="8" r="6"/><path d="M8 7.2v4M8 4.9h.01"/>',
  reload: '<path d="M13.2 8a5.2 5.2 0 1 1-1.7-3.9"/><path d="M13.4 1.9v2.8h-2.8"/>',
  expand: '<path d="M9.6 2.4h4v4M6.4 13.6h-4v-4M13.4 2.6 9.3 6.7M2.6 13.4l4.1-4.1"/>',
  minus: '<path d="M3 8h10"/>',
  near: '<circle cx="8" cy="8" r="2"/><path d="M2 3.4v9.2M14 3.4v9.2M4 8h1.4M10.6 8H12"/>',
  far: '<circle cx="8" cy="8" r="4.6"/><path d="M8 5.6v4.8M5.6 8h4.8"/>',
  irisClose: '<circle cx="8" cy="8" r="5.6"/><circle cx="8" cy="8" r="1.2" fill="currentColor"/>',
  irisOpen: '<circle cx="8" cy="8" r="5.6"/><circle cx="8" cy="8" r="3.6"/>',
  wiper: '<path d="M2.4 12.6C4 6.4 12 6.4 13.6 12.6M8 12.6 11.4 5"/>',
  box: '<path d="M2.4 5V2.6H5M11 2.6h2.6V5M13.6 11v2.4H11M5 13.4H2.4V11"/><rect x="5.4" y="5.6" width="5.2" height="4.8"/>',
  stop: '<rect x="4.2" y="4.2" width="7.6" height="7.6" rx="1" fill="currentColor"/>',
  pencil: '<path d="m10.6 2.8 2.6 2.6-7.6 7.6-3.2.6.6-3.2z"/>',
  plus: '<path d="M8 3v10M3 8h10"/>',
  upload: '<path d="M8 10.5V2.6M5 5.4l3-3 3 3"/><path d="M2.4 10.4v3h11.2v-3"/>',
  download: '<path d="M8 2.5v7.9M5 7.6l3 3 3-3"/><path d="M2.4 10.4v3h11.2v-3"/>',
  play: '<path d="M4.6 2.8v10.4L13 8z" fill="currentColor"/>',
  pause: '<path d="M5 3v10M11 3v10" stroke-width="2.6"/>',
  stepBack: '<path d="M11.6 3.4v9.2L6 8z" fill="currentColor"/><path d="M4 3.4v9.2"/>',
  stepForward: '<path d="M4.4 3.4v9.2L10 8z" fill="currentColor"/><path d="M12 3.4v9.2"/>',
  live: '<circle cx="8" cy="8" r="2.4" fill="currentColor" stroke="none"/><path d="M4.3 4.3a5.2 5.2 0 0 0 0 7.4M11.7 4.3a5.2 5.2 0 0 1 0 7.4"/>',
  calendar: '<rect x="2.2" y="3.2" width="11.6" height="10.4" rx="1.2"/><path d="M2.2 6.6h11.6M5.4 1.8v2.6M10.6 1.8v2.6"/>',
  lock: '<rect x="3.4" y="7" width="9.2" height="6.6" rx="1.2"/><path d="M5.4 7V5a2.6 2.6 0 0 1 5.2 0v2"/>',
  frozen: '<path d="M8 1.8v12.4M2.6 4.9l10.8 6.2M13.4 4.9 2.6 11.1"/><path d="M6.3 2.9 8 4.4l1.7-1.5M6.3 13.1 8 11.6l1.7 1.5"/>',
  offline: '<path d="m2.2 2.2 11.6 11.6"/><path d="M4.9 6.1H3.2c-.8 0-1.4.6-1.4 1.3v3c0 .7.6 1.3 1.4 1.3h5.9M8.6 4.6h.5c.8 0 1.4.6 1.4 1.3l3.7-1.5v6"/>',
  error: '<path d="M8 2 14.6 13.6H1.4z"/><path d="M8 6.4v3.4M8 11.8h.01"/>',
  queue: '<path d="M3 4h10M3 8h7M3 12h4"/>',
  purpose: '<path d="M3 14V2.4M3 3h8.6l-1.8 2.6 1.8 2.6H3"/>',
  user: '<circle cx="8" cy="5.4" r="2.7"/><path d="M2.6 14c.5-3 2.6-4.6 5.4-4.6s4.9 1.6 5.4 4.6"/>',
  theme: '<circle cx="8" cy="8" r="5.6"/><path d="M8 2.4a5.6 5.6 0 0 1 0 11.2z" fill="currentColor"/>',
  keyboard: '<rect x="1.4" y="4" width="13.2" height="8" rx="1.2"/><path d="M4 6.6h.01M6.6 6.6h.01M9.2 6.6h.01M11.8 6.6h.01M5 9.6h6"/>',
  check: '<path d="m2.8 8.6 3.4 3.4 7-8"/>',
  trash: '<path d="M2.8 4.2h10.4M6 4.2V2.6h4v1.6M4 4.2l.7 9.2h6.6l.7-9.2"/>',
  ladder: '<path d="M3 2v12M13 2v12M3.4 5h8M9.6 3.4 11.4 5 9.6 6.6M12.6 10.6h-8M6.4 9 4.6 10.6l1.8 1.6"/>',
  bracketLeft: '<path d="M9.6 2.6H5.4v10.8h4.2"/>',
  bracketRight: '<path d="M6.4 2.6h4.2v10.8H6.4"/>',
  disk: '<ellipse cx="8" cy="3.9" rx="5.6" ry="2.1"/><path d="M2.4 3.9v8.2c0 1.2 2.5 2.1 5.6 2.1s5.6-.9 5.6-2.1V3.9M2.4 8c0 1.2 2.5 2.1 5.6 2.1s5.6-.9 5.6-2.1"/>',
  signal: '<path d="M3 13V9.6M6.3 13V7M9.7 13V4.6M13 13V2.4" stroke-width="1.8"/>',
  panelLeft: '<rect x="1.8" y="2.6" width="12.4" height="10.8" rx="1.2"/><path d="M6 2.6v10.8"/>',
  panelRight: '<rect x="1.8" y="2.6" width="12.4" height="10.8" rx="1.2"/><path d="M10 2.6v10.8"/>',
};

/** Shapes of the status palette: each differs without colour. */
const STATUS = {
  online: '<circle cx="8" cy="8" r="4.6" fill="currentColor"/>',
  suspect: '<circle cx="8" cy="8" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 3.6a4.4 4.4 0 0 1 0 8.8z" fill="currentColor"/>',
  offline: '<path d="m4.2 4.2 7.6 7.6M11.8 4.2l-7.6 7.6" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"/>',
  unknown: '<path d="M5.6 6a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.8-1.1 1.6M8 12.2h.01" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"/>',
};

function svg(inner, name, size, stroked) {
  const holder = document.createElement('span');
  holder.className = `icon icon-${name}`;
  const stroke = stroked ? 'fill="none" stroke="currentColor" stroke-width="1.35" stroke-linecap="round" stroke-linejoin="round"' : '';
  holder.innerHTML = `<svg viewBox="0 0 16 16" width="${size}" height="${size}" ${stroke} aria-hidden="true" focusable="false">${inner}</svg>`;
  return holder;
}

export const icon = (name, size = 16) => svg(LINES[name] ?? LINES.other, name, size, true);

export function statusIcon(status, size = 12) {
  const name = STATUS[status] ? status : 'unknown';
  const mark = svg(STATUS[name], name, size, false);
  mark.classList.add('status', `status-${name}`);
  return mark;
}

/** Which icon a node of the tree wears. */
export function kindIcon(kind) {
  return { camera: 'camera', device: 'recorder', alarm: 'alarm', audio: 'speaker', other: 'other' }[kind] ?? 'folder';
}
