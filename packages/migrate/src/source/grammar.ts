import type * as napi from '@ast-grep/napi';
import { ownPackage } from './own-package.ts';
import type { SourceLanguage } from './site.ts';

/** A node of a syntax tree. */
export type Syntax = napi.SgNode;

/** Source cannot be parsed here: the parsers, which are native code, are missing or do not fit this machine. */
export class ParserMissingError extends Error {
  override name = 'ParserMissingError';
}

let parser: ((language: SourceLanguage, text: string) => Syntax) | undefined;

/**
 * Loads the parsers, once. They come as native code beside this package; nothing else of the program needs them.
 *
 * @returns what parses a text, and gives the root of its tree
 * @throws ParserMissingError with a sentence
 */
export function loadParser(): (language: SourceLanguage, text: string) => Syntax {
  if (parser !== undefined) return parser;
  const { require } = ownPackage();
  try {
    const { parse, registerDynamicLanguage } = require('@ast-grep/napi') as typeof napi;
    registerDynamicLanguage({
      c: require('@ast-grep/lang-c') as never,
      cpp: require('@ast-grep/lang-cpp') as never,
      rust: require('@ast-grep/lang-rust') as never,
    });
    parser = (language, text) => parse(language, text).root();
    parser('c', ';');
    return parser;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    throw new ParserMissingError(
      `Source cannot be analysed: its parsers (@ast-grep/napi and its grammars, native code for ${process.platform} ${process.arch}) cannot be loaded: ${reason}. Install the optional packages of @ast-grep/napi for this machine again; traces can be audited without them.`,
      { cause: error },
    );
  }
}
