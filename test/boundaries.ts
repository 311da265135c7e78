import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import ts from 'typescript';

/** A package of the workspace, as far as its imports go. */
export interface Room {
  /** Folder below `packages/`. */
  readonly dir: string;
  readonly manifest: Manifest;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

type Manifest = { readonly name?: string } & Partial<Record<(typeof kinds)[number], Readonly<Record<string, string>>>>;

const kinds = ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies'] as const;
const scope = '@overmap/';

/** From left to right: a room may use those of the columns left of its own. */
const order = [
  ['core'],
  ['trace'],
  ['batch'],
  ['report'],
  ['migrate', 'bench', 'judge', 'compare'],
  ['explore'],
  ['cli'],
];

const column = (dir: string): number => order.findIndex((rooms) => rooms.includes(dir));

/** Every module that a source names: imports, re-exports, types, `import()` and `require()`. */
export const importsOf = (text: string): string[] =>
  ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);

/** @returns one line for each breach of the import order, none if all is well. */
export function breaches(rooms: readonly Room[]): string[] {
  return rooms.flatMap((room) => {
    if (column(room.dir) < 0) return [`packages/${room.dir}: not in the import order`];
    const found: string[] = [];
    if (room.manifest.name !== scope + room.dir) found.push(`packages/${room.dir}: is named ${room.manifest.name}`);
    for (const kind of kinds) {
      for (const name of Object.keys(room.manifest[kind] ?? {})) {
        // Tools for development do not ship, so core may have them.
        const reason = room.dir === 'core' && kind === 'devDependencies' ? undefined : refuse(room.dir, name);
        if (reason !== undefined) found.push(`packages/${room.dir}/package.json: ${kind} ${name}: ${reason}`);
      }
    }
    for (const file of room.files) {
      for (const name of importsOf(file.text)) {
        const reason = name.startsWith('.') ? refuseRelative(file.path, name) : refuseImport(room, name);
        if (reason !== undefined) found.push(`packages/${room.dir}/${file.path}: ${name}: ${reason}`);
      }
    }
    return found;
  });
}

/** Why the room `dir` may not use the package `name`, if so. */
function refuse(dir: string, name: string): string | undefined {
  if (dir === 'core') return 'core imports nothing but its own files';
  if (!name.startsWith(scope)) return undefined;
  const other = name.slice(scope.length);
  if (column(other) < 0) return `${other} is not in the import order`;
  return column(other) < column(dir) ? undefined : `${other} is not left of ${dir}`;
}

function refuseImport(room: Room, name: string): string | undefined {
  const parts = name.split('/');
  const target = parts.slice(0, name.startsWith('@') ? 2 : 1).join('/');
  const refused = refuse(room.dir, target);
  if (refused !== undefined || name.startsWith('node:')) return refused;
  if (target.startsWith(scope) && name !== target) return `inside of ${target}, import the package itself`;
  // The workspace's root has every package and many a tool, so that this would resolve here and nowhere else.
  return kinds.slice(0, 3).some((kind) => room.manifest[kind]?.[target] !== undefined)
    ? undefined
    : `${target} is not among the dependencies of ${room.dir}`;
}

const refuseRelative = (from: string, name: string): string | undefined =>
  posix.join(posix.dirname(from), name).startsWith('..') ? 'outside of its package' : undefined;

/** Every folder below `packages` with its sources; tests and build output are no part of a room. */
export function readRooms(packages: string): Room[] {
  return readdirSync(packages, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name: dir }) => {
      const base = join(packages, dir);
      const paths = readdirSync(base, { withFileTypes: true })
        .filter(
          (entry) => entry.isDirectory() && !['bench', 'bundle', 'dist', 'node_modules', 'test'].includes(entry.name),
        )
        .flatMap((entry) =>
          readdirSync(join(base, entry.name), { recursive: true, encoding: 'utf8' }).map((file) =>
            join(base, entry.name, file),
          ),
        )
        .filter((path) => /\.[cm]?[jt]sx?$/.test(path));
      return {
        dir,
        manifest: JSON.parse(readFileSync(join(base, 'package.json'), 'utf8')) as Manifest,
        files: paths.map((path) => ({
          path: relative(base, path).split(sep).join('/'),
          text: readFileSync(path, 'utf8'),
        })),
      };
    });
}
