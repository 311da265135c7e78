/** What memory is backed by. */
export interface VmObject {
  readonly anonymous: boolean;
  /** Entries that refer to it. */
  references: number;
}

/** The objects behind the entries of all processes, with their references. An object goes with its last one. */
export class VmObjects {
  private readonly objects = new Map<number, VmObject>();
  private readonly files = new Map<number, number>();
  private next = 1;

  /** A new object with one reference. @returns its number */
  add(anonymous: boolean): number {
    const id = this.next++;
    this.objects.set(id, { anonymous, references: 1 });
    return id;
  }

  /** One more reference to a file's object. @returns its number */
  addFile(file: number): number {
    const known = this.files.get(file);
    if (known !== undefined && this.objects.has(known)) {
      this.refer(known, 1);
      return known;
    }
    const id = this.add(false);
    this.files.set(file, id);
    return id;
  }

  get(id: number): VmObject | undefined {
    return this.objects.get(id);
  }

  /** One more entry, or one less, refers to an object; null is none. */
  refer(id: number | null, by: 1 | -1): void {
    const object = id === null ? undefined : this.objects.get(id);
    if (id === null || object === undefined) return;
    object.references += by;
    if (object.references === 0) this.objects.delete(id);
  }

  clone(): VmObjects {
    const copy = new VmObjects();
    for (const [id, object] of this.objects) copy.objects.set(id, { ...object });
    for (const [file, id] of this.files) copy.files.set(file, id);
    copy.next = this.next;
    return copy;
  }
}
