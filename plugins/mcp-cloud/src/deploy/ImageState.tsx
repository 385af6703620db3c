import { useText } from '../useText';
import { useForm } from './useDeployForm';
import { useImageCheck } from './useImageCheck';
import styles from './deploy.module.css';

/** What its registry says of the image in the form, under its field. */
export function ImageState() {
  const t = useText();
  const { form } = useForm();
  const image = useImageCheck(form.image);
  const [state, text] = said();
  return (
    <span className={styles.fieldState} role="status" data-state={state}>
      {text}
    </span>
  );

  function said(): [state?: 'good' | 'bad', text?: string] {
    if (image === 'checking') {
      return [undefined, t('deploy.imageChecking')];
    }
    if (image?.state === 'missing') {
      return ['bad', t('deploy.imageMissing')];
    }
    if (image?.state !== 'found') {
      return [];
    }
    if (form.bridge === 'baked') {
      return image.bridge
        ? ['good', `✓ ${t('deploy.imageFound')}`]
        : ['bad', t('deploy.imageWithoutBridge')];
    }
    return image.command?.length
      ? [
          'good',
          `✓ ${t('deploy.imageStarts', { command: image.command.join(' ') })}`,
        ]
      : [undefined, t('deploy.imageSilent')];
  }
}
