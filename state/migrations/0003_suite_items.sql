CREATE TABLE `suite_items` (
	`suite` text NOT NULL,
	`kind` text NOT NULL,
	`item` integer NOT NULL,
	`id` text NOT NULL,
	`program` text NOT NULL,
	`pairs` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`suite`, `kind`, `item`)
);
