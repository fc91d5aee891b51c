// Who is signed in, and what the platform says of itself.

import { api } from './api.js';
import { setZone } from './zone.js';

export const session = { user: null, platform: null, expires: null };

/** Takes a sign-in answer. */
export function take(answer) {
  session.user = answer.user;
  session.expires = answer.expires;
}

/** Asks who we are; throws a Problem with status 401 when nobody. */
export async function resume() {
  take(await api.get('/session'));
}

export async function readPlatform() {
  session.platform = await api.get('/platform');
  setZone(session.platform.timezone, session.platform.time);
  return session.platform;
}

export async function signOut() {
  await api.delete('/session').catch(() => {});
  session.user = null;
}

/** May the user change devices, plans and users? The server decides; this only hides what would be refused. */
export const mayManage = () => ['administrator', 'device-manager'].includes(session.user?.role);
export const mayAdminister = () => session.user?.role === 'administrator';
