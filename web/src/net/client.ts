/** Who this browser tab is: an id that survives a reload and is never shared by two living tabs. */

const KEY = "darkroom.client";

/** An id of 128 random bits; also on pages without https, where crypto.randomUUID is not there. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The id of this tab, kept in the session. A duplicated tab copies the session, so the id is claimed by a lock. */
export async function claimClientId(): Promise<string> {
  const kept = read();
  const id = kept !== undefined && (await claim(kept)) ? kept : freshId();
  if (id !== kept) await claim(id);
  try {
    sessionStorage.setItem(KEY, id);
  } catch {
    // Without storage a reload is a new client, no more.
  }
  return id;
}

/** Whether a tab with this id lives in this browser; false where the browser cannot tell. */
export async function isAlive(id: string): Promise<boolean> {
  if (!("locks" in navigator)) return false;
  const held = await navigator.locks.query();
  return (held.held ?? []).some((lock) => lock.name === lockName(id));
}

function claim(id: string): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(lockName(id), { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      // Held until the page goes.
      return lock === null ? undefined : new Promise<void>(() => undefined);
    });
  });
}

function read(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function lockName(id: string): string {
  return `darkroom.tab.${id}`;
}
