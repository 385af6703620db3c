import { type ReactNode, useId } from 'react';
import { Flex, Text } from '@backstage/ui';
import styles from './Section.module.css';

/** A titled part of a page, with a place for its actions at the right. */
export function Section({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <Flex justify="between" align="center">
        <Text as="h3" variant="title-x-small" weight="bold" id={id}>
          {title}
        </Text>
        {actions}
      </Flex>
      {children}
    </section>
  );
}
