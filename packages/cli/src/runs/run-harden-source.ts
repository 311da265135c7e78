import { isatty } from 'node:tty';
import {
  type Evidence,
  type HardenedSource,
  hardenSource,
  ParserMissingError,
  unifiedDiff,
  writeRewritten,
} from '@overmap/migrate';
import { counted } from '@overmap/report';
import { escapeText } from '@overmap/trace';
import type { HardenRequest } from '../commands/migrate.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { expandInputs } from './expand-inputs.ts';
import { refuseUnlessKept } from './kept-by-git.ts';
import { evidenceFrom } from './read-evidence.ts';
import { refusedInput } from './refused-input.ts';
import { relativePath } from './relative-path.ts';
import { inSession, type Session } from './session.ts';

/** Recorded sites that are named. */
const NAMED = 5;

/** Runs `overmap migrate source --to noreplace`. */
export async function runHardenSource(request: HardenRequest): Promise<ExitCode> {
  let evidence: Evidence | undefined;
  try {
    evidence = request.evidence === undefined ? undefined : evidenceFrom(request.evidence);
  } catch (error) {
    return refusedInput(error);
  }
  const paths = await expandInputs(request.paths);
  const reads = request.evidence === undefined ? [] : [request.evidence];
  const { output, verbose } = request;
  return inSession({ inputs: paths, reads, output, strictInput: false, verbose, streams: false }, (session) => {
    const hardened = analysed(session, paths, request, evidence);
    if (hardened === undefined) return Promise.resolve();
    if (evidence !== undefined && evidence.fixed.length === 0)
      session.talk.say(
        'the evidence names no call site of MAP_FIXED: record with stacks (strace -f -y -k), and audit the log without --to.',
      );
    if (request.write) write(session, hardened, request);
    else show(session, hardened, request);
    if (hardened.left.some(({ note }) => !note)) session.note(Exit.findings);
    return Promise.resolve();
  });
}

function analysed(
  session: Session,
  paths: readonly string[],
  { withoutEvidence }: HardenRequest,
  evidence: Evidence | undefined,
): HardenedSource | undefined {
  try {
    return hardenSource(paths, { withoutEvidence, ...(evidence === undefined ? {} : { evidence }) });
  } catch (error) {
    if (error instanceof ParserMissingError) session.talk.say(error.message);
    else if (error instanceof Error && 'code' in error && 'path' in error) {
      const why = error.code === 'ENOENT' ? 'there is no such file or folder' : String(error.code);
      session.talk.say(`cannot read ${escapeText(String(error.path), 400)}: ${why}`);
    } else throw error;
    session.note(Exit.unreadable);
    return undefined;
  }
}

/** Prints what would change. */
function show(session: Session, hardened: HardenedSource, { emit, output, verbose }: HardenRequest): void {
  const out = session.output;
  const diff = hardened.files.map(({ file, before, after }) => unifiedDiff(relativePath(file), before, after)).join('');
  if (emit === 'json') {
    out.write(`${JSON.stringify(asJson(hardened, diff))}\n`);
    return;
  }
  // A patch is for programs; what a person sees must not move the cursor.
  const shown = emit === 'diff' && output === undefined && isatty(1);
  out.write(
    shown
      ? diff
          .split(/([\n\t])/)
          .map((part) => (/^[\n\t]$/.test(part) ? part : escapeText(part, Number.POSITIVE_INFINITY)))
          .join('')
      : diff,
  );
  if (emit === 'diff') explain(session, hardened, verbose);
  session.talk.say(`${summary(hardened, 'would be hardened')}.`);
}

/** Changes the files, unless they could not be had back. */
function write(session: Session, hardened: HardenedSource, { allowDirty, verbose }: HardenRequest): void {
  const files = hardened.files.map(({ file }) => file);
  if (!allowDirty) refuseUnlessKept(files);
  writeRewritten(hardened.files);
  explain(session, hardened, verbose);
  for (const file of files) session.output.write(`${escapeText(file, 400)}\n`);
  session.output.write(`${summary(hardened, 'hardened')}.\n`);
}

function summary({ changes, files, left, kept, suppressed }: HardenedSource, done: string): string {
  const open = left.filter(({ note }) => !note).length;
  const notes = left.length - open;
  const right = Object.values(kept).reduce((sum, n) => sum + n, 0);
  const more = [
    ...(open > 0 ? [`${open} left to you`] : []),
    ...(notes > 0 ? [counted(notes, 'note')] : []),
    ...(right > 0 ? [`${right} left alone`] : []),
    ...(suppressed.length > 0 ? [`${suppressed.length} suppressed`] : []),
  ];
  return `${counted(changes.length, 'call')} ${done} in ${counted(files.length, 'file')}${more.length > 0 ? `; ${more.join(', ')}` : ''}`;
}

/** Says what was done and why, and what is left to a person; lines are those before the change. */
function explain(session: Session, hardened: HardenedSource, all: boolean): void {
  const { talk } = session;
  const place = (file: string, line: number): string => `${escapeText(file, 400)}:${line}`;
  for (const { file, line, rule, callee, says, note } of hardened.left) {
    if (note && !all) continue;
    talk.about(place(file, line), `${rule}, ${escapeText(callee, 100)}: ${escapeText(says, 800)}`);
  }
  if (all)
    for (const { file, line, says } of hardened.changes)
      talk.about(place(file, line), `changed: ${escapeText(says, 400)}`);
  for (const { suppression, message } of hardened.suppressionProblems)
    talk.about(place(suppression.file, suppression.line), `OM903: ${escapeText(message, 400)}`);
  for (const { file, line, function: name } of hardened.unmatched.slice(0, NAMED)) {
    const where = line > 0 ? place(file, line) : escapeText(file, 400);
    talk.about(
      where,
      `${name === null ? '' : `${escapeText(name, 100)} was `}recorded there, and no single call fits.`,
    );
  }
  if (hardened.unmatched.length > NAMED)
    talk.say(`${hardened.unmatched.length - NAMED} more recorded sites fit no single call.`);
  if (all)
    for (const { path, why } of hardened.skipped)
      talk.about(escapeText(path, 400), `left out: ${escapeText(why, 200)}`);
}

function asJson(hardened: HardenedSource, patch: string): unknown {
  const { changes, left, kept, suppressed, suppressionProblems, unmatched, skipped, files } = hardened;
  return {
    kind: 'source-migration',
    to: 'noreplace',
    changes,
    left,
    kept,
    suppressed,
    suppressionProblems: suppressionProblems.map(({ suppression, message }) => ({
      file: suppression.file,
      line: suppression.line,
      message,
    })),
    unmatched,
    skipped,
    files: files.map(({ file }) => file),
    patch,
  };
}
