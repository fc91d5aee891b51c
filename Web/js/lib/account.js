// Who is signed in, and what the platform says of itself.

import { api } from './api.js';
import { setZone } from './zone.js';

export const session = { user: null, permissions: new Set(), platform: null, expires: null };

/** Asks who we are and what we may; throws a Problem with status 401 when nobody. */
export async function resume() {
  const { user, expires, permissions, secondFactor } = await api.get('/session');
  Object.assign(session, { user, expires, secondFactor, permissions: new Set(permissions ?? []) });
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

/** Whether the user holds a permission. The server decides; this only hides what would be refused. */
export const may = (permission) => session.permissions.has(permission);
export const mayManage = () => may('manageDevices');
export const mayAdminister = () => may('manageAccounts');
