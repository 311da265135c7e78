/** Texts that are named by their place; the first is ''. */
export class Texts {
  readonly all: string[] = [''];
  private readonly places: Map<string, number> = new Map([['', 0]]);

  /** The place of a text. */
  of(text: string): number {
    let place = this.places.get(text);
    if (place === undefined) {
      place = this.all.length;
      this.all.push(text);
      this.places.set(text, place);
    }
    return place;
  }
}
