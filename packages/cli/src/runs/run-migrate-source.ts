import { isatty } from 'node:tty';
import {
  type Evidence,
  type MigratedSource,
  migrateSource,
  ParserMissingError,
  semanticPatches,
  unifiedDiff,
  writeRewritten,
} from '@overmap/migrate';
import { counted } from '@overmap/report';
import { escapeText } from '@overmap/trace';
import type { MigrateSourceRequest } from '../commands/migrate.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { expandInputs } from './expand-inputs.ts';
import { refuseUnlessKept } from './kept-by-git.ts';
import { type Session, inSession } from './session.ts';
import { evidenceFrom } from './read-evidence.ts';
import { refusedInput } from './refused-input.ts';
import { relativePath } from './relative-path.ts';

/** Rules whose findings are notes: what is left of them does not make a run fail. */
const NOTES = new Set(['OM107', 'OM109', 'OM190']);
/** Files that a refusal names. */
const NAMED = 5;

/** Runs `overmap migrate source`. */
export async function runMigrateSource(request: MigrateSourceRequest): Promise<ExitCode> {
  let evidence: Evidence | undefined;
  try {
    evidence = request.evidence === undefined ? undefined : evidenceFrom(request.evidence);
  } catch (error) {
    return refusedInput(error);
  }
  const paths = await expandInputs(request.paths);
  const reads = request.evidence === undefined ? [] : [request.evidence];
  const asked = {
    inputs: paths,
    reads,
    output: request.output,
    strictInput: false,
    verbose: request.verbose,
    streams: false,
  };
  return inSession(asked, async (session) => {
    const migrated = await analysed(session, paths, evidence, request);
    if (migrated === undefined) return;
    if (request.write) write(session, migrated, request);
    else show(session, migrated, request);
    if (migrated.explanations.some(({ rule }) => !NOTES.has(rule))) session.note(Exit.findings);
  });
}

async function analysed(
  session: Session,
  paths: readonly string[],
  evidence: Evidence | undefined,
  { only, off }: Pick<MigrateSourceRequest, 'only' | 'off'>,
): Promise<MigratedSource | undefined> {
  const tick = session.working('analysing source');
  try {
    // How many rounds there will be is not known: each one brings the end half the way nearer.
    return await migrateSource(paths, {
      ...(evidence === undefined ? {} : { evidence }),
      ...(only === undefined ? {} : { only }),
      ...(off === undefined ? {} : { off }),
      onRound: (round) => tick(1 - 2 ** -round, 1),
    });
  } catch (error) {
    if (error instanceof ParserMissingError) session.talk.say(error.message);
    else if (error instanceof Error && 'code' in error && 'path' in error) {
      const why = error.code === 'ENOENT' ? 'there is no such file or folder' : String(error.code);
      session.talk.say(`cannot read ${escapeText(String(error.path), 400)}: ${why}`);
    } else throw error;
    session.note(Exit.unreadable);
    return undefined;
  } finally {
    tick(1, 1);
  }
}

/** Prints what would change. */
function show(session: Session, migrated: MigratedSource, { emit, output, verbose }: MigrateSourceRequest): void {
  const out = session.output;
  if (emit === 'json') {
    out.write(`${JSON.stringify(asJson(migrated))}\n`);
    return;
  }
  if (emit === 'cocci') {
    const { text, left } = semanticPatches(migrated.changes);
    out.write(text);
    if (left > 0)
      session.talk.say(`${counted(left, 'rewrite')} cannot be said as a semantic patch; --emit patch has all.`);
    return;
  }
  const diff = diffOf(migrated);
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
  if (emit === 'diff') explain(session, migrated, verbose, false);
  session.talk.say(`${summary(migrated, 'would be fixed')}.`);
}

/** Changes the files, unless they could not be had back. */
function write(session: Session, migrated: MigratedSource, { allowDirty, verbose }: MigrateSourceRequest): void {
  const files = migrated.files.map(({ file }) => file);
  if (!allowDirty) refuseUnlessKept(files);
  writeRewritten(migrated.files);
  explain(session, migrated, verbose, true);
  for (const file of files) session.output.write(`${escapeText(file, 400)}\n`);
  session.output.write(`${summary(migrated, 'fixed')}.\n`);
}

function summary({ findings, fixed, added, explanations, suppressed, files }: MigratedSource, done: string): string {
  const left = explanations.filter(({ rule }) => !NOTES.has(rule)).length;
  const notes = explanations.length - left;
  const more = [
    ...(left > 0 ? [`${left} left to you`] : []),
    ...(added > 0 ? [`${added} of which ${added === 1 ? 'shows' : 'show'} only now`] : []),
    ...(notes > 0 ? [counted(notes, 'note')] : []),
    ...(suppressed.length > 0 ? [`${suppressed.length} suppressed`] : []),
  ];
  return `${fixed} of ${counted(findings, 'finding')} ${done} in ${counted(files.length, 'file')}${more.length > 0 ? `; ${more.join(', ')}` : ''}`;
}

/** Says what is left to a person, and why; and what a recorded run says of it. */
function explain(session: Session, migrated: MigratedSource, all: boolean, written: boolean): void {
  const { talk } = session;
  const place = (file: string, line: number): string => `${escapeText(file, 400)}:${line}`;
  for (const { file, rule, callee, ...said } of migrated.explanations) {
    if (!all && NOTES.has(rule)) continue;
    const { line, says } = written ? said.after : said;
    talk.about(place(file, line), `${rule}, ${escapeText(callee, 100)}: ${escapeText(says, 800)}`);
  }
  for (const { suppression, message } of migrated.suppressionProblems)
    talk.about(place(suppression.file, suppression.line), `OM903: ${escapeText(message, 400)}`);
  let clean = 0;
  for (const [site, said] of migrated.evidence) {
    if (said.kind === 'clean') clean++;
    else
      talk.about(
        place(site.file, site.line),
        `the recorded run found ${said.rules.join(', ')} here, ${counted(said.times, 'time')}; the analysis says: ${site.verdict}.`,
      );
  }
  if (clean > 0)
    talk.say(
      `${counted(clean, 'call site')} ${clean === 1 ? 'was' : 'were'} exercised in the recorded run, and clean.`,
    );
  for (const site of migrated.unmatched.slice(0, NAMED))
    talk.about(place(site.file, site.line), 'recorded there, and no single call in the source fits.');
  if (migrated.unmatched.length > NAMED)
    talk.say(`${migrated.unmatched.length - NAMED} more recorded sites fit no single call.`);
  const { unparsed } = migrated.before;
  if (all)
    for (const { file, line, why } of unparsed)
      talk.about(place(file, line), `not parsed whole: ${escapeText(why, 200)}`);
  else if (unparsed.length > 0)
    talk.say(
      `${counted(unparsed.length, 'file')} did not parse whole; --verbose names ${unparsed.length === 1 ? 'it' : 'them'}.`,
    );
  if (all)
    for (const { path, why } of migrated.skipped)
      talk.about(escapeText(path, 400), `left out: ${escapeText(why, 200)}`);
}

function asJson(migrated: MigratedSource): unknown {
  const {
    changes,
    explanations,
    findings,
    fixed,
    added,
    suppressed,
    suppressionProblems,
    evidence,
    unmatched,
    skipped,
    files,
  } = migrated;
  return {
    kind: 'source-migration',
    findings,
    fixed,
    added,
    changes,
    explanations,
    suppressed,
    suppressionProblems: suppressionProblems.map(({ suppression, message }) => ({
      file: suppression.file,
      line: suppression.line,
      message,
    })),
    evidence: [...evidence].map(([{ file, line, function: name, verdict }, said]) => ({
      file,
      line,
      function: name,
      verdict,
      recorded: said.kind,
      ...(said.kind === 'proved' ? { rules: said.rules, times: said.times } : { maps: said.maps }),
    })),
    unmatched: unmatched.map(({ file, line, function: name }) => ({ file, line, function: name })),
    skipped,
    files: files.map(({ file }) => file),
    patch: diffOf(migrated),
  };
}

const diffOf = ({ files }: MigratedSource): string =>
  files.map(({ file, before, after }) => unifiedDiff(relativePath(file), before, after)).join('');
