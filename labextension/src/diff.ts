/** An editor that cannot be edited: a text, or what is different between two, in one column or in two. Loaded only when a file is looked at. */
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { EditorLanguageRegistry, jupyterTheme } from '@jupyterlab/codemirror';

const languages = new EditorLanguageRegistry();
EditorLanguageRegistry.getDefaultLanguages().forEach(language => languages.addLanguage(language));

const COLLAPSED = { margin: 3, minSize: 6 };

/** A text beside an older one (null: there is none), and what the editors are called for screen readers. */
export interface IDiff {
  old: string | null;
  text: string;
  name: string;
  label: string;
  oldLabel: string;
  sides: boolean;
}

/** Show it below a node; gives the function that takes it away. */
export async function showDiff(parent: HTMLElement, diff: IDiff): Promise<() => void> {
  const { old, text, sides } = diff;
  const language = languages.findByFileName(diff.name);
  const support = language ? (await languages.getLanguage(language))?.support : undefined;
  const extensions = (label: string): Extension[] => [
    jupyterTheme,
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ 'aria-label': label }),
    ...(support ? [support] : [])
  ];
  if (old !== null && old !== text && sides) {
    const view = new MergeView({
      parent,
      a: { doc: old, extensions: [...extensions(diff.oldLabel), EditorView.lineWrapping] },
      b: { doc: text, extensions: [...extensions(diff.label), EditorView.lineWrapping] },
      collapseUnchanged: COLLAPSED
    });
    return () => view.destroy();
  }
  const merged =
    old !== null && old !== text
      ? [unifiedMergeView({ original: old, mergeControls: false, collapseUnchanged: COLLAPSED })]
      : [];
  const state = EditorState.create({ doc: text, extensions: [...extensions(diff.label), ...merged] });
  const view = new EditorView({ parent, state });
  return () => view.destroy();
}
