/** An editor that cannot be edited: a text, or what is different between two. Loaded only when a file is looked at. */
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState, Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { EditorLanguageRegistry, jupyterTheme } from '@jupyterlab/codemirror';

const languages = new EditorLanguageRegistry();
EditorLanguageRegistry.getDefaultLanguages().forEach(language => languages.addLanguage(language));

/** Show it below a node; gives the function that takes it away. */
export async function showDiff(
  parent: HTMLElement,
  old: string | null,
  text: string,
  name: string,
  label: string
): Promise<() => void> {
  const found = languages.findByFileName(name);
  const support = found ? (await languages.getLanguage(found))?.support : undefined;
  const extensions: Extension[] = [
    jupyterTheme,
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ 'aria-label': label }),
    ...(support ? [support] : []),
    ...(old !== null && old !== text
      ? [unifiedMergeView({ original: old, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } })]
      : [])
  ];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  return () => view.destroy();
}
