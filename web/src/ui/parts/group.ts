/** Items in families, in the order in which each family is first met. */
export function grouped<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const found = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const family = found.get(key);
    if (family) family.push(item);
    else found.set(key, [item]);
  }
  return found;
}

/** The size of a picture as its file has it. */
export function naturalSize(event: Event): readonly [number, number] {
  return event.currentTarget instanceof HTMLImageElement ? [event.currentTarget.naturalWidth, event.currentTarget.naturalHeight] : [0, 0];
}
