import { overlay, type Picture } from './page-picture.ts';

/** Pictures that are made of effects alone, by space. */
export class ToldPicture {
  /** Effects so far. */
  heard = 0;
  private spaces = new Map<number, Picture>();

  picture(space: number): Picture {
    return this.spaces.get(space) ?? [];
  }

  appeared(space: number, start: number, end: number, identity: string, protection: string): void {
    this.set(space, start, end, () => ({ identity, protection }));
  }

  /** Another object shows where one did, with the protection that was there. */
  replaced(space: number, start: number, end: number, identity: string): void {
    this.set(space, start, end, (shown) => (shown === null ? null : { ...shown, identity }));
  }

  gone(space: number, start: number, end: number): void {
    this.set(space, start, end, () => null);
  }

  changed(space: number, start: number, end: number, protection: string): void {
    this.set(space, start, end, (shown) => (shown === null ? null : { ...shown, protection }));
  }

  /** @returns what goes back to the pictures of now */
  snapshot(): () => void {
    const kept = new Map(this.spaces);
    return () => {
      this.spaces = new Map(kept);
    };
  }

  reset(): void {
    this.spaces = new Map();
  }

  private set(space: number, start: number, end: number, next: Parameters<typeof overlay>[3]): void {
    this.heard++;
    this.spaces.set(space, overlay(this.picture(space), start, end, next));
  }
}
