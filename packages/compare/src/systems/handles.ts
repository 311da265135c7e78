/** A program's handle of a memory object. */
interface Handle<Value> {
  /** The object's own name: what is seen through a copy is the same. */
  readonly object: string;
  readonly value: Value;
}

/** A program's handles by name: descriptors, or what else names a memory object in a call. */
export class Handles<Value> {
  private readonly open = new Map<string, Handle<Value>>();
  /** How many objects there are. */
  count = 0;

  declare(name: string, value: Value): void {
    this.count++;
    this.open.set(name, { object: name, value });
  }

  /** @returns false: the handle is closed */
  copy(name: string, as: string): boolean {
    const handle = this.open.get(name);
    if (handle !== undefined) this.open.set(as, handle);
    return handle !== undefined;
  }

  /** @returns false: the handle is closed already */
  close(name: string): boolean {
    return this.open.delete(name);
  }

  get(name: string): Handle<Value> | null {
    return this.open.get(name) ?? null;
  }
}
